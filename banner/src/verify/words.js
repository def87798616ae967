/** @import {Finding, Values} from './types.js' */
import bg from './words/bg.js';
import en from './words/en.js';

/** @typedef {'en' | 'bg'} Language */

const LANGUAGES = { en, bg };

/**
 * A sentence with its places filled; what has no words is shown as it is called.
 *
 * @param {Language} language
 * @param {string} word
 * @param {Values} [values]
 */
export const say = (language, word, values = {}) =>
  (has(language, word) ? LANGUAGES[language][word] : word).replace(/\{(\w+)\}/g, (_, name) => (Object.hasOwn(values, name) ? String(values[name]) : ''));

/**
 * What was found, as a sentence.
 *
 * @param {Language} language
 * @param {Finding} finding
 */
export const told = (language, { word, standing, values }) => {
  const most = `${word}.${standing}`;
  const shown = 'at' in values ? { ...values, at: instant(Number(values.at)) } : values;
  return say(language, has(language, most) ? most : word, shown);
};

/** @param {number} ms */
export const instant = (ms) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/**
 * @param {Language} language
 * @param {string} word
 */
export const has = (language, word) => Object.hasOwn(LANGUAGES[language], word);
