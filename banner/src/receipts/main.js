/** @import {Language} from '../verify/words.js' */
/** @import {Verdict} from '../verify/types.js' */
/** @import {Config} from './types.js' */
/** @import {Pass} from './handover.js' */
import { element } from '../ui/element.js';
import { MAX_FILE, verify } from '../verify/verify.js';
import { unreadable } from '../verify/verdict.js';
import { view } from '../verify/view.js';
import { again } from './again.js';
import { Refused, records } from './api.js';
import { ask, passOf } from './handover.js';
import { List } from './list.js';
import { say } from './words.js';

/** How long the shop's page may take to answer. */
const PATIENCE = 4e3;
/** How what was decided a moment ago is waited for. */
const MEANWHILE = { first: 2e3, most: 20e3, while: 60e3 };
/** @type {(id: string) => HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const file = /** @type {HTMLInputElement} */ (byId('file'));
const more = /** @type {HTMLButtonElement} */ (byId('more'));
const later = (/** @type {() => void} */ run, /** @type {number} */ ms) => void setTimeout(run, ms);

const config = /** @type {Config} */ (JSON.parse(byId('config').textContent ?? ''));
const kept = passOf(() => sessionStorage, config.site);
/** @type {Language} */
let language = /^#?bg/.test(location.hash || navigator.language) ? 'bg' : 'en';
/** @type {Pass | null} */
let pass = null;
/** @type {{ word: string, values?: Record<string, string>, retry?: () => void } | null} what the page has to say instead of a list */
let notice = null;
/** @type {{ verdict: Verdict, name: string } | null} */
let checked = null;
let turn = 0;

const { page, receipt } = records(config, () => pass?.token ?? '');
const list = new List(byId('list'), page, {
  config,
  receipt,
  language: () => language,
  now: () => Date.now(),
  announce: (text) => (byId('news').textContent = text),
});

const show = () => {
  document.documentElement.lang = language;
  document.title = say(language, 'title');
  for (const one of document.querySelectorAll('[data-word]')) one.textContent = say(language, one.getAttribute('data-word') ?? '');
  for (const one of document.querySelectorAll('[data-language]')) {
    one.setAttribute('aria-pressed', String(one.getAttribute('data-language') === language));
  }
  byId('shop').textContent = pass ? say(language, 'shop', { shop: pass.shop }) : '';
  list.render();
  tell();
  const shown = checked && view(checked.verdict, checked.name, language);
  byId('verdict').replaceChildren(...(shown ? [shown.headline, ...shown.details] : []));
};

const tell = () => {
  const retry = notice?.retry && element('button', { type: 'button', class: 'button', click: notice.retry }, say(language, 'retry'));
  byId('notice').replaceChildren(...(notice ? [element('p', {}, say(language, notice.word, notice.values)), ...(retry ? [retry] : [])] : []));
  more.hidden = !list.cursor;
};

/** @param {string} word @param {Record<string, string>} [values] @param {() => void} [retry] */
const sayInstead = (word, values, retry) => {
  notice = { word, values, retry };
  tell();
};

/**
 * Do what asks the register, and tell what it answers instead.
 *
 * @param {() => Promise<unknown>} work
 * @param {() => void} retry
 * @returns {Promise<boolean>} whether asking again can change anything
 */
const asking = async (work, retry) => {
  let lasting = false;
  try {
    await work();
    notice = list.cards.size ? null : { word: 'empty' };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    lasting = ['unknown', 'gone', 'not_set_up'].includes(error.word);
    if (error.word === 'unknown') kept.write(null);
    notice = { word: error.word, retry: lasting ? undefined : retry };
  }
  tell();
  return !lasting;
};

/** @returns {Promise<boolean>} */
const renew = () => asking(() => list.renew(), renew);
/** @returns {Promise<boolean>} */
const further = () =>
  asking(async () => {
    const first = await list.more();
    first?.querySelector('button')?.focus();
  }, further);

/** @param {Pass} given */
const begin = async (given) => {
  const known = pass?.token === given.token;
  pass = given;
  kept.write(pass);
  if (!known) list.clear();
  show();
  if (known) return;
  if (!pass.token) {
    sayInstead('empty');
    // the shop may be told at this moment by which token its visitor is known
    again(async () => (greet?.(), !pass?.token), { later, ...MEANWHILE });
    return;
  }
  sayInstead('loading');
  await renew();
  // what was decided a moment ago is listed a moment later
  again(renew, { later, ...MEANWHILE });
};

/**
 * Nothing of an earlier file stands there meanwhile; an older check that ends later says nothing any more.
 *
 * @param {File | undefined} chosen
 */
const check = async (chosen) => {
  if (!chosen) return;
  const mine = ++turn;
  checked = null;
  show();
  const verdict = await judged(chosen);
  if (mine !== turn) return;
  checked = { verdict, name: chosen.name };
  show();
  byId('verdict').scrollIntoView({ block: 'nearest' });
};

/** @param {File} chosen */
const judged = async (chosen) => {
  if (chosen.size > MAX_FILE) return unreadable('too_large');
  try {
    return await verify(new Uint8Array(await chosen.arrayBuffer()));
  } catch {
    return unreadable('unread'); // a folder, or a file that is gone
  }
};

for (const one of document.querySelectorAll('[data-language]')) {
  one.addEventListener('click', () => {
    language = one.getAttribute('data-language') === 'bg' ? 'bg' : 'en';
    history.replaceState(null, '', `#${language}`);
    show();
  });
}
file.addEventListener('change', () => {
  check(file.files?.[0]);
  file.value = ''; // so that the same file can be chosen again
});
more.addEventListener('click', further);
addEventListener('online', () => notice?.retry?.());
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && pass?.token && renew());

// in a frame of somebody else's page nobody can tell what they are clicking on
const framed = self !== top;
const before = framed ? null : kept.read();
const greet = framed ? null : ask(window, config.origins, { got: begin, foreign: (origin) => pass || sayInstead('foreign', { origin }) });
show();
greet?.();
if (before) begin(before);
else if (greet) {
  sayInstead('waiting');
  later(() => notice?.word === 'waiting' && sayInstead('unanswered'), PATIENCE);
} else {
  sayInstead('unopened');
  byId('checking').setAttribute('open', '');
}
