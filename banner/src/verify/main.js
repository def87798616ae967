/** @import {Language} from './words.js' */
/** @import {Bytes, Verdict} from './types.js' */
import { utf8 } from './bytes.js';
import { MAX_FILE, verify } from './verify.js';
import { unreadable } from './verdict.js';
import { view } from './view.js';
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
/** @type {{ verdict: Verdict, name: string | null } | null} what was found, and of which file; none while one is being checked */
let checked = null;
let checking = false;
let turn = 0;

/** What is said while there is no verdict. */
const meanwhile = () => (checking ? ['checking'] : globalThis.crypto?.subtle ? [] : ['insecure']);

const show = () => {
  document.documentElement.lang = language;
  document.title = say(language, 'title');
  for (const one of document.querySelectorAll('[data-word]')) one.textContent = say(language, one.getAttribute('data-word') ?? '');
  for (const one of document.querySelectorAll('[data-language]')) {
    one.setAttribute('aria-pressed', String(one.getAttribute('data-language') === language));
  }
  const shown = checked && view(checked.verdict, checked.name ?? say(language, 'pasted'), language);
  byId('verdict').replaceChildren(...(shown ? [shown.headline] : meanwhile().map((word) => say(language, word))));
  byId('details').replaceChildren(...(shown ? shown.details : []));
};

/**
 * Nothing of an earlier file stands there while another is read and checked; an older check that ends later says nothing any more.
 *
 * @param {string | null} name
 * @param {() => Promise<Verdict>} work
 */
const judge = async (name, work) => {
  const mine = ++turn;
  [checked, checking] = [null, true];
  show();
  const verdict = await work();
  if (mine !== turn) return;
  [checked, checking] = [{ verdict, name }, false];
  show();
  byId('verdict').scrollIntoView({ block: 'nearest' });
};

/** What was brought along; an empty field is nothing. */
const brought = () => {
  const [keys, checkpoint, consistency] = ['own-keys', 'own-checkpoint', 'own-consistency'].map((id) => field(id).value.trim());
  return {
    keys: keys.split('\n').map((line) => line.trim()).filter(Boolean),
    checkpoint: checkpoint || undefined,
    consistency: consistency || undefined,
  };
};

/** Check what was given last. */
const check = async () => {
  if (!given) return;
  const { bytes, name } = given;
  await judge(name, () => verify(bytes, brought()));
};

/** @param {File | undefined} chosen */
const read = async (chosen) => {
  if (!chosen) return;
  given = null; // what is checked again with keys is never an earlier file
  const mine = turn + 1;
  await judge(chosen.name, async () => {
    if (chosen.size > MAX_FILE) return unreadable('too_large');
    let bytes;
    try {
      bytes = new Uint8Array(await chosen.arrayBuffer());
    } catch {
      return unreadable('unread'); // a folder, or a file that is gone
    }
    if (mine === turn) given = { bytes, name: chosen.name };
    return verify(bytes, brought());
  });
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
