/** @import {Language} from './words.js' */
/** @import {Bytes, Verdict} from './types.js' */
import { utf8 } from './bytes.js';
import { MAX_FILE, verify } from './verify.js';
import { details, headline } from './view.js';
import { say } from './words.js';

/** @type {(id: string) => HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {(id: string) => HTMLTextAreaElement} */
const field = (id) => /** @type {HTMLTextAreaElement} */ (byId(id));
const file = /** @type {HTMLInputElement} */ (byId('file'));
const drop = byId('drop');

/** @type {Language} */
let language = navigator.language.startsWith('bg') ? 'bg' : 'en';
/** @type {{ bytes: Bytes, name: string | null } | null} */
let given = null;
/** @type {Verdict | null} */
let verdict = null;
let turn = 0;

const show = () => {
  document.documentElement.lang = language;
  document.title = say(language, 'title');
  for (const one of document.querySelectorAll('[data-word]')) one.textContent = say(language, one.getAttribute('data-word') ?? '');
  for (const one of document.querySelectorAll('[data-language]')) {
    one.setAttribute('aria-pressed', String(one.getAttribute('data-language') === language));
  }
  if (!verdict) return;
  byId('verdict').replaceChildren(headline(verdict, given?.name ?? say(language, 'pasted'), language));
  byId('details').replaceChildren(...details(verdict, language));
};

/** What was brought along; an empty field is nothing. */
const brought = () => {
  const [keys, checkpoint, consistency] = ['own-keys', 'own-checkpoint', 'own-consistency'].map((id) => field(id).value.trim());
  return {
    keys: keys.split('\n').map((line) => line.trim()).filter(Boolean),
    checkpoint: checkpoint ? `${checkpoint}\n` : undefined,
    consistency: consistency || undefined,
  };
};

/** Check what was given last; an older check that ends later says nothing any more. */
const check = async () => {
  if (!given) return;
  const mine = ++turn;
  byId('verdict').textContent = say(language, 'checking');
  byId('details').replaceChildren();
  const found = await verify(given.bytes, brought());
  if (mine !== turn) return;
  verdict = found;
  show();
  byId('verdict').scrollIntoView({ block: 'nearest' });
};

/** @param {string} word */
const unreadable = (word) => {
  verdict = { readable: false, findings: [{ check: 'unreadable', standing: 'fails', word, values: {} }], records: [] };
  show();
};

/** @param {File | undefined} chosen */
const read = async (chosen) => {
  if (!chosen) return;
  given = { bytes: new Uint8Array(), name: chosen.name };
  turn++;
  if (chosen.size > MAX_FILE) return unreadable('too_large');
  try {
    given.bytes = new Uint8Array(await chosen.arrayBuffer());
  } catch {
    return unreadable('unread'); // a folder, or a file that is gone
  }
  await check();
};

for (const one of document.querySelectorAll('[data-language]')) {
  one.addEventListener('click', () => {
    language = one.getAttribute('data-language') === 'bg' ? 'bg' : 'en';
    show();
  });
}
file.addEventListener('change', () => {
  read(file.files?.[0]);
  file.value = ''; // so that the same file can be chosen again
});
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
document.addEventListener('dragleave', () => drop.classList.remove('over'));
document.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  read(event.dataTransfer?.files[0]);
});
byId('check-text').addEventListener('click', () => {
  given = { bytes: utf8(field('text').value), name: null };
  check();
});
byId('check-own').addEventListener('click', check);

show();
if (!globalThis.crypto?.subtle) byId('verdict').textContent = say(language, 'insecure');
