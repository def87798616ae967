/** @import {Anchor, Bytes, Receipt} from './types.js' */
import { utf8 } from './bytes.js';
import { canonical, isObject, parseJson } from './json.js';
import { Unreadable } from './verdict.js';

const FORMAT = 'consentinel/receipt/v1';
const MEMBERS = ['format', 'receipt', 'leaf', 'leaf_hash', 'note', 'proof', 'keys', 'anchors'];
const TEXTS = ['act', 'sec', 'site', 'sid', 'idv', 'sub', 'prev', 'pii'];
const OBJECTS = ['pol', 'cfg', 'cat', 'ui'];
const MAX_LEAF = 1024;
const MAX_ANCHORS = 100;

/**
 * The document, with the right members of the right types, and a leaf that is canonical; nothing in it is believed.
 *
 * @param {Bytes} bytes
 * @returns {Receipt}
 */
export const parseReceipt = (bytes) => {
  const document = parseJson(bytes);
  if (!isObject(document) || document.format !== FORMAT) throw new Unreadable(whyNot(document));
  membersOf(document, MEMBERS, ['opening']);
  textsOf(document, 'leaf', 'leaf_hash', 'note', ...(document.proof === null ? [] : ['proof']));
  if (!Array.isArray(document.anchors) || document.anchors.length > MAX_ANCHORS) throw new Unreadable('types');
  const leaf = utf8(document.leaf);
  return {
    leaf,
    says: saysOf(leaf),
    leafHash: document.leaf_hash,
    note: document.note,
    proof: document.proof,
    keys: keysOf(document.keys, document.proof !== null),
    anchors: document.anchors.map(anchorOf),
    opening: 'opening' in document ? openingOf(document.opening) : null,
  };
};

/** @param {any} document */
const whyNot = (document) => {
  const promised = isObject(document) && ['leaf', 'leaf_hash', 'note', 'merge_delay_s'].every((name) => name in document);
  return promised ? 'promise_only' : 'not_receipt';
};

/**
 * @param {any} value
 * @param {string[]} needed
 * @param {string[]} [allowed]
 */
const membersOf = (value, needed, allowed = []) => {
  const names = isObject(value) ? Object.keys(value) : [];
  const known = names.every((name) => needed.includes(name) || allowed.includes(name));
  if (!isObject(value) || !known || !needed.every((name) => names.includes(name))) throw new Unreadable('members');
};

/**
 * @param {any} value
 * @param {...string} names
 */
const textsOf = (value, ...names) => {
  if (!names.every((name) => typeof value[name] === 'string')) throw new Unreadable('types');
};

/** @param {Bytes} leaf */
const saysOf = (leaf) => {
  if (leaf.length > MAX_LEAF) throw new Unreadable('leaf_long');
  const says = parseJson(leaf);
  if (!isObject(says) || canonical(says) !== new TextDecoder('utf-8', { ignoreBOM: true }).decode(leaf)) {
    throw new Unreadable('leaf_canonical');
  }
  const named = ['typ', 'log', 'id'].every((name) => typeof says[name] === 'string');
  if (!named || typeof says.at !== 'number' || says.at < 0 || says.at >= 1e14) throw new Unreadable('leaf_members');
  checkTold(says);
  return says;
};

/**
 * That what will be shown is of the type it is shown as; what a kind of record does not have may be missing.
 *
 * @param {Record<string, any>} says
 */
const checkTold = (says) => {
  const objects = OBJECTS.flatMap((name) => (name in says ? [says[name]] : []));
  const texts = [...TEXTS.flatMap((name) => (name in says ? [says[name]] : [])), ...hashesIn(says.pol), ...hashesIn(says.cfg)];
  if (!objects.every(isObject) || !texts.every((one) => typeof one === 'string')) throw new Unreadable('leaf_types');
};

/** @param {any} reference */
const hashesIn = (reference) => (isObject(reference) && 'sha256' in reference ? [reference.sha256] : []);

/**
 * The log's key may be missing while nothing is signed by it.
 *
 * @param {any} value
 * @param {boolean} proven
 */
const keysOf = (value, proven) => {
  membersOf(value, proven ? ['receipt', 'log'] : ['receipt'], ['log']);
  const { receipt, log } = value;
  textsOf(value, 'receipt', ...(proven || (log !== undefined && log !== null) ? ['log'] : []));
  return log === undefined || log === null ? { receipt } : { receipt, log };
};

/**
 * @param {any} value
 * @returns {Anchor}
 */
const anchorOf = (value) => {
  membersOf(value, ['kind', 'checkpoint', 'token', 'consistency']);
  textsOf(value, 'kind', 'checkpoint', 'token');
  const { consistency } = value;
  if (!Array.isArray(consistency) || consistency.length > 100) throw new Unreadable('types');
  if (!consistency.every((one) => typeof one === 'string')) throw new Unreadable('types');
  return value;
};

/** @param {any} value */
const openingOf = (value) => {
  membersOf(value, ['personal', 'salt']);
  textsOf(value, 'salt');
  if (!isObject(value.personal)) throw new Unreadable('types');
  canonical(value.personal);
  return value;
};
