/** @import {Bytes, Key} from './types.js' */
import { fromBase64, fromHex, joined, same, sha256, toHex, utf8 } from './bytes.js';
import { rawEcdsa } from './der.js';
import { Fails, Unsupported } from './verdict.js';

const [ED25519, P256] = [1, 2];
export const WITNESS = 4;
const P256_SPKI = fromHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004');
/** @type {Record<number, number>} */
const LENGTHS = { [ED25519]: 32, [P256]: P256_SPKI.length + 64, [WITNESS]: 32 };
const SPACE = /[\s\u001c-\u001f\u0085]/;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** @param {string} name */
const named = (name) => {
  if (!name || name.includes('+') || SPACE.test(name)) throw new Fails('key_name');
  return name;
};

/**
 * A C2SP verifier key: Ed25519 (0x01), ECDSA P-256 with SHA-256 (0x02), or that of a witness (0x04).
 *
 * @param {string} text
 * @returns {Promise<Key>}
 */
export const parseKey = async (text) => {
  const [name, stated = '', ...rest] = text.split('+');
  const raw = fromBase64(rest.join('+'));
  const [algorithm, key] = [raw[0], raw.subarray(1)];
  if (!raw.length || LENGTHS[algorithm] !== key.length) throw new Fails('vkey');
  if (algorithm === P256 && !same(key.subarray(0, P256_SPKI.length), P256_SPKI)) throw new Fails('vkey');
  // C2SP signed-note: the id of an ECDSA key is that of its SPKI alone
  const about = algorithm === P256 ? key : joined(utf8(`${named(name)}\n`), raw);
  const id = toHex((await sha256(about)).subarray(0, 4));
  if (stated !== id) throw new Fails('vkey');
  return { name: named(name), algorithm, public: key, id, text };
};

/**
 * @param {Key} key
 * @param {string} text
 * @param {Bytes} signature
 */
const holds = async (key, text, signature) => {
  if (key.algorithm === P256) return holdsP256(key, utf8(text), signature);
  if (key.algorithm !== WITNESS) return holdsEd25519(key, utf8(text), signature);
  // C2SP tlog-cosignature: eight bytes of time, and a signature over time and text
  if (signature.length !== 72) return false;
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  return holdsEd25519(key, utf8(`cosignature/v1\ntime ${time}\n${text}`), signature.subarray(8));
};

/**
 * @param {Key} key
 * @param {Bytes} text
 * @param {Bytes} signature
 */
const holdsP256 = async (key, text, signature) => {
  const raw = rawEcdsa(signature);
  if (!raw) return false;
  const imported = await imports(key.public.subarray(P256_SPKI.length - 1), { name: 'ECDSA', namedCurve: 'P-256' });
  return imported !== null && crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, raw, text);
};

/**
 * @param {Key} key
 * @param {Bytes} text
 * @param {Bytes} signature
 */
const holdsEd25519 = async (key, text, signature) => {
  if (signature.length !== 64) return false;
  const imported = await imports(key.public, { name: 'Ed25519' });
  return imported !== null && crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, text);
};

/**
 * @param {Bytes} key
 * @param {{ name: string, namedCurve?: string }} algorithm
 */
const imports = async (key, algorithm) => {
  try {
    return await crypto.subtle.importKey('raw', key, algorithm, false, ['verify']);
  } catch (error) {
    if (/** @type {Error} */ (error).name === 'NotSupportedError') throw new Unsupported();
    return null; // not a point of the curve
  }
};

/**
 * The text of a note (C2SP signed-note) and the keys that signed it.
 *
 * @param {string} note
 * @param {Key[]} keys
 */
export const openNote = async (note, keys) => {
  const { text, lines } = split(note);
  /** @type {Key[]} */
  const verified = [];
  for (const { name, signature } of lines.map(signed)) {
    const id = toHex(signature.subarray(0, 4));
    const key = keys.find((one) => one.name === name && one.id === id);
    if (!key || verified.includes(key)) continue;
    if (!(await holds(key, text, signature.subarray(4)))) throw new Fails('note_signature', { name });
    verified.push(key);
  }
  if (!verified.length) throw new Fails('note_unknown');
  return { text, verified };
};

/** @param {string} note */
const split = (note) => {
  const middle = note.lastIndexOf('\n\n');
  const block = note.slice(middle + 2);
  const lines = block.split('\n').slice(0, -1);
  const long = utf8(note).length > 1_000_000 || lines.length > 100;
  if (middle < 0 || !block.endsWith('\n') || long || CONTROL.test(note)) throw new Fails('note');
  return { text: note.slice(0, middle + 1), lines };
};

/** @param {string} line */
const signed = (line) => {
  const [mark, name = '', ...rest] = line.split(' ');
  const signature = fromBase64(rest.join(' '));
  if (mark !== '—' || signature.length < 5) throw new Fails('note');
  return { name: named(name), signature };
};
