/** @import {Bytes} from './types.js' */
import { Unreadable } from './verdict.js';

const MAX_DEPTH = 32;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/;
/** @type {Record<string, boolean | null>} */
const WORDS = { true: true, false: false, null: null };

/** Reads JSON as `JSON.parse` does not: no member twice, whole numbers of at most 53 bits, no half surrogates. */
class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  space() {
    while (' \t\n\r'.includes(this.text[this.at] ?? 'end')) this.at++;
  }

  /** @param {string} character */
  take(character) {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  /** @param {string} character */
  need(character) {
    if (!this.take(character)) throw new Unreadable('not_json');
  }

  /**
   * @param {number} depth
   * @returns {any}
   */
  value(depth) {
    this.space();
    const first = this.text[this.at];
    if (first === '"') return this.string();
    if (first === '{' || first === '[') {
      if (depth === MAX_DEPTH) throw new Unreadable('deep');
      return first === '{' ? this.object(depth + 1) : this.array(depth + 1);
    }
    const word = Object.keys(WORDS).find((one) => this.text.startsWith(one, this.at));
    if (word === undefined) return this.number();
    this.at += word.length;
    return WORDS[word];
  }

  string() {
    const start = this.at++;
    while (this.at < this.text.length && this.text[this.at] !== '"') this.at += this.text[this.at] === '\\' ? 2 : 1;
    this.at++;
    let text;
    try {
      text = JSON.parse(this.text.slice(start, this.at));
    } catch {
      throw new Unreadable('not_json'); // a text that does not end, or has a character in it that it must not have
    }
    if (/[\ud800-\udfff]/u.test(text)) throw new Unreadable('surrogate');
    return /** @type {string} */ (text);
  }

  number() {
    const found = NUMBER.exec(this.text.slice(this.at, this.at + 40));
    if (!found) throw new Unreadable('not_json');
    this.at += found[0].length;
    const number = Number(found[0]);
    if (found[1] || found[2] || !Number.isSafeInteger(number)) throw new Unreadable('number');
    return number + 0 || 0;
  }

  /**
   * @param {number} depth
   * @returns {any[]}
   */
  array(depth) {
    this.need('[');
    /** @type {any[]} */
    const items = [];
    if (this.take(']')) return items;
    do items.push(this.value(depth));
    while (this.take(','));
    this.need(']');
    return items;
  }

  /** @param {number} depth */
  object(depth) {
    this.need('{');
    /** @type {Record<string, any>} */
    const members = Object.create(null);
    if (this.take('}')) return members;
    do {
      this.space();
      if (this.text[this.at] !== '"') throw new Unreadable('not_json');
      const name = this.string();
      if (name in members) throw new Unreadable('twice');
      this.need(':');
      members[name] = this.value(depth);
    } while (this.take(','));
    this.need('}');
    return members;
  }
}

/** @param {Bytes} bytes */
export const parseJson = (bytes) => {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unreadable('not_utf8');
  }
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.space();
  if (reader.at !== text.length) throw new Unreadable('not_json');
  return value;
};

/**
 * RFC 8785 for texts, truth values, whole numbers, lists and objects.
 *
 * @param {any} value
 * @returns {string}
 */
export const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null) throw new Unreadable('null');
  if (typeof value !== 'object') return JSON.stringify(value);
  // RFC 8785, 3.2.3: members in the order of their UTF-16 code units, which is that of `sort`
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
};

/** @param {any} value */
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
