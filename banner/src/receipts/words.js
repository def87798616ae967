/** @import {Language} from '../verify/words.js' */
/** @import {Values} from '../verify/types.js' */
import { say as sayOfVerifier } from '../verify/words.js';
import bg from './words/bg.js';
import en from './words/en.js';

const LANGUAGES = { en, bg };

/**
 * A sentence of this page with its places filled; what it has no words for the verifier may have.
 *
 * @param {Language} language
 * @param {string} word
 * @param {Values} [values]
 */
export const say = (language, word, values = {}) =>
  word in LANGUAGES[language]
    ? LANGUAGES[language][word].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''))
    : sayOfVerifier(language, word, values);
