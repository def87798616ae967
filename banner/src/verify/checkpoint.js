/** @import {Checkpoint, Key} from './types.js' */
import { fromBase64, fromBase64Hash } from './bytes.js';
import { isObject, parseJson } from './json.js';
import { WITNESS, openNote } from './note.js';
import { Fails, Unreadable } from './verdict.js';

const PROOF = 'c2sp.org/tlog-proof@v1';
const MAX_LINES = 100;

/**
 * @param {string} text
 * @param {string} word
 */
export const decimal = (text, word) => {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(+text)) throw new Fails(word);
  return +text;
};

/**
 * The text of a C2SP tlog-checkpoint.
 *
 * @param {string} text
 * @returns {Checkpoint}
 */
const parseCheckpoint = (text) => {
  const lines = text.split('\n').slice(0, -1);
  if (lines.length < 3 || lines.includes('')) throw new Fails('checkpoint_form');
  const times = lines.slice(3).filter((line) => line.startsWith('time '));
  const seconds = times.length ? decimal(times[0].slice(5), 'checkpoint_form') : null;
  if (times.length > 1 || (seconds !== null && seconds >= 1e11)) throw new Fails('checkpoint_form');
  const size = decimal(lines[1], 'checkpoint_form');
  return { origin: lines[0], size, root: fromBase64Hash(lines[2]), at: seconds === null ? null : seconds * 1000 };
};

/**
 * A log's checkpoint and who signed it, if the log itself did, under its own name.
 *
 * @param {string} note
 * @param {string} origin
 * @param {Key} key
 * @param {Key[]} [witnesses]
 */
export const signedCheckpoint = async (note, origin, key, witnesses = []) => {
  const { text, verified } = await openNote(note, [key, ...witnesses]);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) throw new Fails('checkpoint_origin', { origin: checkpoint.origin });
  if (key.name !== origin || key.algorithm === WITNESS || !verified.includes(key)) throw new Fails('checkpoint_signer');
  return { checkpoint, verified };
};

/**
 * A C2SP tlog-proof.
 *
 * @param {string} text
 */
export const parseProof = (text) => {
  const middle = text.indexOf('\n\n');
  const lines = text.slice(0, Math.max(middle, 0)).split('\n');
  if (middle < 0 || lines.shift() !== PROOF || lines.length > MAX_LINES) throw new Fails('proof_form');
  const extra = lines[0]?.startsWith('extra ') ? /** @type {string} */ (lines.shift()).slice(6) : null;
  if (!lines[0]?.startsWith('index ')) throw new Fails('proof_form');
  const index = decimal(/** @type {string} */ (lines.shift()).slice(6), 'proof_form');
  const path = lines.map(fromBase64Hash);
  return { index, path, checkpoint: text.slice(middle + 2), late: extra !== null && saysLate(extra) };
};

/** @param {string} extra */
const saysLate = (extra) => {
  const bytes = fromBase64(extra);
  try {
    const said = parseJson(bytes);
    return isObject(said) && said.late === true;
  } catch (error) {
    if (error instanceof Unreadable) throw new Fails('proof_form');
    throw error;
  }
};
