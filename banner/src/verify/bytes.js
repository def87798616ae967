/** @import {Bytes} from './types.js' */
import { Fails } from './verdict.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * @param {string} text
 * @returns {Bytes}
 */
export const utf8 = (text) => /** @type {Bytes} */ (new TextEncoder().encode(text));

/** @param {Bytes} bytes */
export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

/**
 * The one spelling of RFC 4648, 4, with its padding.
 *
 * @param {string} text
 */
export const fromBase64 = (text) => {
  if (text.length > 1_000_000 || !BASE64.test(text)) throw new Fails('base64');
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (toBase64(bytes) !== text) throw new Fails('base64');
  return bytes;
};

/** @param {string} text */
export const fromBase64Hash = (text) => {
  const bytes = fromBase64(text);
  if (bytes.length !== 32) throw new Fails('hash');
  return bytes;
};

/** @param {Bytes} bytes */
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** @param {string} text */
export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/**
 * @param {...Bytes} parts
 * @returns {Bytes}
 */
export const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/**
 * @param {Bytes} one
 * @param {Bytes} other
 */
export const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** @param {...Bytes} parts */
export const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)));
