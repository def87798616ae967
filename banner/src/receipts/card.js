/** @import {Language} from '../verify/words.js' */
/** @import {Verdict} from '../verify/types.js' */
/** @import {Config, Fetched, Listed} from './types.js' */
import { element } from '../ui/element.js';
import { verify } from '../verify/verify.js';
import { view } from '../verify/view.js';
import { again } from './again.js';
import { Refused } from './api.js';
import { outside, receiptView, shownAt } from './receipt.js';
import { say } from './words.js';

/** So long after the act a proof is looked for unasked. */
const RECENT = 15 * 60e3;
const PACE = { later: (/** @type {() => void} */ run, /** @type {number} */ ms) => void setTimeout(run, ms), first: 2e3, most: 15e3, while: 180e3 };
const ORDER = ['necessary', 'performance', 'functional', 'targeting'];
const ACTIONS = /** @type {const} */ (['show', 'download', 'check']);

/**
 * What a card needs of the page around it.
 *
 * @typedef {{
 *   config: Config, language: () => Language, now: () => number,
 *   receipt: (id: string) => Promise<Fetched>, announce: (text: string) => void
 * }} Desk
 */

/** One record in the list, with its receipt as soon as somebody wants it. */
export class Card {
  /** @type {Fetched | null} */
  fetched = null;
  /** @type {Verdict | null} */
  verdict = null;
  /** @type {string | null} why there is no receipt */
  trouble = null;
  opened = false;
  watched = false;
  slow = false;

  /** @param {Listed} record @param {Desk} desk */
  constructor(record, desk) {
    this.record = record;
    this.desk = desk;
    this.words = element('div', { class: 'words' });
    this.proof = element('p', { class: 'proof' });
    this.buttons = ACTIONS.map((action) => element('button', { type: 'button', class: 'quiet', click: () => this[action]() }));
    this.receipt = element('div', { id: `receipt-${record.id}`, class: 'receipt' });
    this.result = element('div', { class: 'result', role: 'status' });
    this.buttons[0].setAttribute('aria-controls', this.receipt.id);
    const actions = element('div', { class: 'actions' }, ...this.buttons);
    this.element = element('li', { class: 'card', 'data-record': record.id }, this.words, this.proof, actions, this.result, this.receipt);
    this.render();
    if (record.at && desk.now() - Date.parse(record.at) < RECENT) this.load();
  }

  /** @param {Listed} record as it is listed now */
  renew(record) {
    if (JSON.stringify(record) === JSON.stringify(this.record)) return;
    this.record = record;
    this.render();
  }

  render() {
    const language = this.desk.language();
    const { act, at } = this.said;
    const found = this.verdict && view(this.verdict, this.file, language);
    this.result.replaceChildren(...(found ? [found.headline, ...found.details] : []));
    this.words.replaceChildren(...wordsOf(this.record, this.fetched, this.desk.config, language));
    this.proof.textContent = this.trouble ? say(language, this.trouble) : this.fetched ? say(language, this.slow && this.fetched.state === 'promised' ? 'slow' : this.fetched.state) : '';
    this.proof.className = `proof ${this.trouble ? 'trouble' : this.fetched?.state ?? ''}`;
    ACTIONS.forEach((action, index) => {
      const label = say(language, action === 'show' && this.opened ? 'hide' : action);
      this.buttons[index].textContent = label;
      this.buttons[index].setAttribute('aria-label', say(language, 'of', { action: label, act, at }));
    });
    this.buttons[0].setAttribute('aria-expanded', String(this.opened));
    const shown = this.opened && this.fetched;
    this.receipt.hidden = !shown;
    this.receipt.replaceChildren(...(shown ? receiptView(shown, this.desk.config, language) : []));
  }

  get file() {
    return `${this.record.id}.receipt.json`;
  }

  get said() {
    const language = this.desk.language();
    return { act: actOf(this.record, language), at: this.record.at ? timeOf(this.record.at, language) : this.record.id };
  }

  /** Get the receipt, unless a complete one is here; null, and why is shown, where there is none. */
  async load() {
    if (this.fetched?.state === 'complete') return this.fetched;
    const before = [this.fetched?.state, this.trouble].join();
    try {
      this.fetched = await this.desk.receipt(this.record.id);
      this.trouble = null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.trouble = error.word;
    }
    if ([this.fetched?.state, this.trouble].join() !== before) await this.changed();
    if (this.fetched?.state === 'promised') this.watch();
    return this.trouble ? null : this.fetched;
  }

  /** What was checked before is checked anew: a complete receipt proves more. */
  async changed() {
    if (this.verdict && this.fetched) this.verdict = await verify(this.fetched.bytes);
    this.render();
  }

  async watch() {
    if (this.watched) return;
    this.watched = true;
    const done = await again(async () => {
      await this.load();
      return this.fetched?.state === 'promised';
    }, PACE);
    this.watched = false;
    this.slow = !done;
    this.render();
    if (done) this.desk.announce(say(this.desk.language(), 'completed', this.said));
  }

  async show() {
    this.opened = !this.opened && Boolean(await this.load());
    this.render();
  }

  async download() {
    const fetched = await this.load();
    if (!fetched) return;
    const url = URL.createObjectURL(new Blob([fetched.bytes], { type: 'application/json' }));
    element('a', { href: url, download: this.file }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60e3);
  }

  async check() {
    this.verdict = null;
    this.render();
    const fetched = await this.load();
    if (!fetched) return;
    this.verdict = await verify(fetched.bytes);
    this.render();
    this.result.scrollIntoView({ block: 'nearest' });
  }
}

/** @param {Listed} record @param {Language} language */
const actOf = ({ act }, language) => (act ? say(language, `act_${act}`) : say(language, 'unreadable'));

/** @param {string} at @param {Language} language */
const timeOf = (at, language) => new Date(at).toLocaleString(language === 'bg' ? 'bg-BG' : 'en-GB', { dateStyle: 'long', timeStyle: 'short' });

/**
 * What, when, where, which text, and how the record was found.
 *
 * @param {Listed} record
 * @param {Fetched | null} fetched
 * @param {Config} config
 * @param {Language} language
 */
const wordsOf = (record, fetched, config, language) => {
  const { at, section, categories, policy, shown, state } = record;
  const page = fetched && shownAt(fetched.document.receipt, config).find(({ word }) => word === 'as_read')?.url;
  const text = policy && (page || `${config.cdn}/t/${policy.sha256}.md`);
  const window = shown?.config && `${config.cdn}/s/${config.site}/${shown.config.sha256}/config.json`;
  return [
    element('h2', {}, actOf(record, language)),
    at !== undefined && element('p', { class: 'when' }, element('time', { datetime: at }, timeOf(at, language)), ` · ${say(language, `sec_${section}`)}`),
    policy && element('p', {}, `${say(language, 'asked_in', { title: policy.title ?? policy.id, version: policy.version })}: `, outside(String(text), say(language, 'as_shown'))),
    categories && element('ul', { class: 'categories' }, ...ORDER.filter((name) => name in categories).map((name) => categoryOf(name, categories[name], language))),
    shown?.config && element('p', { class: 'note' }, outside(String(window), say(language, 'window_as_shown', { ver: shown.config.ver }))),
    state !== 'whole' && element('p', { class: `found ${state}` }, say(language, state)),
  ].filter((child) => child instanceof Node);
};

/** @param {string} name @param {boolean} granted @param {Language} language */
const categoryOf = (name, granted, language) =>
  element(
    'li',
    { class: granted ? 'granted' : 'denied' },
    element('span', { 'aria-hidden': 'true' }, granted ? '✓' : '✕'),
    ` ${say(language, `cat_${name}`)}: ${say(language, granted ? 'yes' : 'no')}`,
  );
