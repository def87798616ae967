/** @import {Bytes, Checkpoint} from './types.js' */
import { same, sha256 } from './bytes.js';
import { Fails } from './verdict.js';

const NODE = new Uint8Array([1]);

/**
 * RFC 6962, 2.1.
 *
 * @param {Bytes} left
 * @param {Bytes} right
 */
const nodeHash = (left, right) => sha256(NODE, left, right);

/**
 * The largest power of two below a count of two or more.
 *
 * @param {number} count
 */
const splitOf = (count) => {
  let half = 1;
  while (half * 2 < count) half *= 2;
  return half;
};

/**
 * The root that an audit path leads to (RFC 6962, 2.1.1, read backwards).
 *
 * @param {number} index
 * @param {number} size
 * @param {Bytes} leaf
 * @param {Bytes[]} path
 * @returns {Promise<Bytes>}
 */
export const rootByInclusion = async (index, size, leaf, path) => {
  if (index >= size) throw new Fails('outside');
  if (size === 1) {
    if (path.length) throw new Fails('proof_length');
    return leaf;
  }
  const [last, rest, half] = [path[path.length - 1], path.slice(0, -1), splitOf(size)];
  if (!last) throw new Fails('proof_length');
  if (index < half) return nodeHash(await rootByInclusion(index, half, leaf, rest), last);
  return nodeHash(last, await rootByInclusion(index - half, size - half, leaf, rest));
};

/**
 * The roots of the earlier and of the later tree that a proof leads to (RFC 6962, 2.1.2, read backwards); `whole` while the
 * earlier tree is a subtree from the first leaf on, so that its root is known and not in the proof.
 *
 * @param {number} old
 * @param {number} size
 * @param {Bytes} root
 * @param {Bytes[]} path
 * @param {boolean} whole
 * @returns {Promise<[Bytes, Bytes]>}
 */
const rootsByConsistency = async (old, size, root, path, whole) => {
  if (old === size) {
    if (path.length !== (whole ? 0 : 1)) throw new Fails('consistency');
    return whole ? [root, root] : [path[0], path[0]];
  }
  const [last, rest, half] = [path[path.length - 1], path.slice(0, -1), splitOf(size)];
  if (!last) throw new Fails('consistency');
  if (old <= half) {
    const [earlier, later] = await rootsByConsistency(old, half, root, rest, whole);
    return [earlier, await nodeHash(later, last)];
  }
  const [earlier, later] = await rootsByConsistency(old - half, size - half, root, rest, false);
  return [await nodeHash(last, earlier), await nodeHash(last, later)];
};

/**
 * That the smaller tree is the beginning of the larger.
 *
 * @param {Checkpoint} one
 * @param {Checkpoint} other
 * @param {Bytes[]} path
 */
export const checkConsistency = async (one, other, path) => {
  const [old, later] = one.size <= other.size ? [one, other] : [other, one];
  if (old.size === 0 || old.size === later.size) {
    if (path.length) throw new Fails('consistency');
    if (!same(old.root, old.size === 0 ? await sha256() : later.root)) throw new Fails('two_logs');
    return;
  }
  const [earlier, whole] = await rootsByConsistency(old.size, later.size, old.root, path, true);
  if (!same(earlier, old.root) || !same(whole, later.root)) throw new Fails('consistency');
};
