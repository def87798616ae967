/** @import {Bytes} from './types.js' */
import { fromHex, same, toHex } from './bytes.js';
import { Fails } from './verdict.js';

const [INTEGER, OCTETS, OID, TIME, SEQUENCE, SET, CONTEXT_0] = [0x02, 0x04, 0x06, 0x18, 0x30, 0x31, 0xa0];
const SIGNED_DATA = '2a864886f70d010702';
const TST_INFO = '2a864886f70d0109100104';
const SHA_256 = '608648016503040201';
const DIGESTS = [SHA_256, '608648016503040202', '608648016503040203'];

/** @typedef {{ tag: number, content: Bytes }} Element */

/**
 * What stands one after the other: definite lengths in the fewest bytes, tags of one byte.
 *
 * @param {Bytes} bytes
 */
const elements = (bytes) => {
  /** @type {Element[]} */
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at];
    let length = bytes[at + 1];
    if (bytes.length - at < 2 || (tag & 0x1f) === 0x1f) throw new Fails('token_form');
    let start = at + 2;
    if (length > 0x7f) {
      const count = length & 0x7f;
      start += count;
      if (count < 1 || count > 4 || start > bytes.length) throw new Fails('token_form');
      length = bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
      if (length < Math.max(0x80, 256 ** (count - 1))) throw new Fails('token_form');
    }
    if (start + length > bytes.length) throw new Fails('token_form');
    found.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
};

/**
 * The elements inside the one that the bytes are.
 *
 * @param {Bytes} bytes
 * @param {number} [tag]
 */
const inside = (bytes, tag = SEQUENCE) => elements(only(bytes, tag));

/**
 * @param {Bytes} bytes
 * @param {number} tag
 */
const only = (bytes, tag) => {
  const [first, further] = elements(bytes);
  if (!first || further || first.tag !== tag) throw new Fails('token_form');
  return first.content;
};

/**
 * An ECDSA signature in DER, as KMS and notes have it, as the r‖s that WebCrypto wants; null when it is none of P-256.
 *
 * @param {Bytes} signature
 */
export const rawEcdsa = (signature) => {
  const raw = new Uint8Array(64);
  try {
    const numbers = inside(signature);
    if (numbers.length !== 2) return null;
    for (const [at, { tag, content }] of numbers.entries()) {
      const padded = content[0] === 0 && content.length > 1;
      const digits = padded ? content.subarray(1) : content;
      if (tag !== INTEGER || !digits.length || digits.length > 32 || padded !== digits[0] > 0x7f) return null;
      raw.set(digits, 32 * (at + 1) - digits.length);
    }
  } catch (error) {
    if (error instanceof Fails) return null;
    throw error;
  }
  return raw;
};

/**
 * The imprint and the time (milliseconds) of an RFC 3161 TimeStampResp, or of the token in it. The authority's signature is not
 * looked at.
 *
 * @param {Bytes} bytes
 */
export const readToken = (bytes) => {
  try {
    return tokenOf(inside(bytes));
  } catch (error) {
    if (error instanceof TypeError) throw new Fails('token_form'); // an element that is not there
    throw error;
  }
};

/** @param {Element[]} parts */
const tokenOf = (parts) => {
  if (parts[0].tag === SEQUENCE) {
    const status = elements(parts[0].content)[0].content;
    if (status.length !== 1 || status[0] > 1) throw new Fails('token_granted');
    parts = elements(parts[1].content);
  }
  if (toHex(parts[0].content) !== SIGNED_DATA) throw new Fails('token_form');
  const signed = inside(parts[1].content);
  const [kind, wrapped] = elements(signed[2].content);
  if (toHex(kind.content) !== TST_INFO) throw new Fails('token_form');
  checkSigner(signed);
  return infoOf(inside(only(wrapped.content, OCTETS)));
};

/** @param {Element[]} signed */
const checkSigner = (signed) => {
  const last = signed[signed.length - 1];
  const signers = elements(last.content);
  if (last.tag !== SET || signers.length !== 1) throw new Fails('token_form');
  const parts = elements(signers[0].content);
  const [, identifier, digest, attributes, algorithm] = parts;
  if (parts.length < 6 || elements(identifier.content).length !== 2) throw new Fails('token_form');
  if (!DIGESTS.includes(toHex(elements(digest.content)[0].content)) || attributes.tag !== CONTEXT_0) throw new Fails('token_form');
  if (elements(algorithm.content)[0].tag !== OID) throw new Fails('token_form');
};

/** @param {Element[]} parts RFC 3161, 2.4.2 */
const infoOf = (parts) => {
  const [algorithm, imprint] = elements(parts[2].content);
  if (!same(elements(algorithm.content)[0].content, fromHex(SHA_256))) throw new Fails('token_form');
  const told = String.fromCharCode(...parts[4].content.subarray(0, 100));
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(told);
  const [year, month, day, ...time] = digits?.slice(1) ?? [];
  const spelt = `${year}-${month}-${day}T${time.join(':')}.000Z`;
  const at = Date.parse(spelt);
  // a thirteenth month would be next year's first
  if (parts[4].tag !== TIME || Number.isNaN(at) || year === '0000' || new Date(at).toISOString() !== spelt) throw new Fails('token_form');
  return { imprint: imprint.content, at };
};
