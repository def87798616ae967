/** @import {Language} from './words.js' */
/** @import {Shown} from './types.js' */
import { isObject } from './json.js';
import { has, instant, say } from './words.js';

/** @typedef {{ label: string, lines: string[] }} Row */

/** What the words of this page may name of personal data; any other name stands as it is. */
const PERSONAL = ['email', 'name', 'ip', 'ua', 'device', 'brands', 'imprint', 'languages', 'mobile', 'platform', 'user_agent'];

/**
 * A value of the record in words, where there are any; an unknown one as it is.
 *
 * @param {Language} language
 * @param {string} kind
 * @param {any} value
 */
const worded = (language, kind, value) =>
  typeof value === 'string' && has(language, `${kind}_${value}`) ? say(language, `${kind}_${value}`) : plain(value);

/**
 * @param {any} value
 * @returns {string}
 */
const plain = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * Who, what, when, and which text, for people; from the leaf and the personal data alone.
 *
 * @param {Shown} record
 * @param {Language} language
 * @returns {Row[]}
 */
export const rowsOf = ({ says, personal }, language) => {
  /** @type {(word: string, ...lines: (string | false | undefined)[]) => Row[]} */
  const row = (word, ...lines) => {
    const told = lines.filter((line) => typeof line === 'string');
    return told.length ? [{ label: say(language, word), lines: told }] : [];
  };
  const act = says.act === undefined ? plain(says.typ) : worded(language, 'act', says.act);
  const section = says.sec === undefined ? '' : ` (${worded(language, 'sec', says.sec)})`;
  return [
    ...row('what', act + section),
    ...row('when', timeOf(says.at, language)),
    ...row('who', ...personalOf(personal, language), says.sid !== undefined && say(language, 'subject', { sid: plain(says.sid) })),
    ...row('identity', says.idv !== undefined && worded(language, 'idv', says.idv)),
    ...row('categories', ...categoriesOf(says.cat, language)),
    ...row('text', ...referenceOf(says.pol, 'version', language)),
    ...row('window', ...referenceOf(says.cfg, 'window_version', language)),
    ...row('shown', shownOf(says.ui, language)),
    ...row('site', says.site !== undefined && plain(says.site)),
    ...row('id', says.id),
    ...row('previous', says.prev !== undefined && plain(says.prev)),
    ...row('log', says.log),
  ];
};

/**
 * @param {number} at
 * @param {Language} language
 */
const timeOf = (at, language) => {
  const local = new Date(at).toLocaleString(language === 'bg' ? 'bg-BG' : 'en-GB', { dateStyle: 'long', timeStyle: 'long' });
  return say(language, 'server_time', { local, utc: instant(at) });
};

/**
 * @param {Language} language
 * @param {string} name
 */
const named = (language, name) => (PERSONAL.includes(name) ? say(language, name) : name);

/**
 * @param {Record<string, any> | null} personal
 * @param {Language} language
 */
const personalOf = (personal, language) =>
  Object.entries(personal ?? {}).map(([name, value]) => `${named(language, name)}: ${isObject(value) ? partsOf(value, language) : plain(value)}`);

/**
 * @param {Record<string, any>} parts
 * @param {Language} language
 */
const partsOf = (parts, language) => Object.entries(parts).map(([name, value]) => `${named(language, name)} ${plain(value)}`).join(', ');

/**
 * @param {any} categories
 * @param {Language} language
 */
const categoriesOf = (categories, language) =>
  isObject(categories)
    ? Object.entries(categories).map(([name, granted]) => {
        const answer = typeof granted === 'boolean' ? say(language, granted ? 'yes' : 'no') : plain(granted);
        return `${worded(language, 'cat', name)}: ${answer}`;
      })
    : [];

/**
 * @param {any} reference
 * @param {string} word
 * @param {Language} language
 */
const referenceOf = (reference, word, language) => {
  if (!isObject(reference)) return [];
  const values = Object.fromEntries(Object.entries(reference).map(([name, value]) => [name, plain(value)]));
  return [say(language, word, values), say(language, 'hash', values)];
};

/**
 * @param {any} shown
 * @param {Language} language
 */
const shownOf = (shown, language) =>
  isObject(shown) &&
  Object.entries(shown)
    .filter(([name, value]) => !(name === 'gpc' && value === false))
    .map(([name, value]) => (name === 'gpc' && value === true ? say(language, 'gpc_true') : `${worded(language, 'ui', name)}: ${plain(value)}`))
    .join(', ');
