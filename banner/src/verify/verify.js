/** @import {Brought, Bytes, Key, Verdict} from './types.js' */
import { fromBase64Hash } from './bytes.js';
import { parseReceipt } from './document.js';
import { parseKey } from './note.js';
import { checkPack } from './pack.js';
import { Examination } from './receipt.js';
import { Fails, Unreadable } from './verdict.js';

export const MAX_FILE = 50_000_000;

/**
 * Check a receipt or a pack; whatever is in the file, this answers and does not throw.
 *
 * @param {Bytes} bytes
 * @param {{ keys?: string[], checkpoint?: string, consistency?: string }} [from] what the person who checks has from elsewhere
 * @returns {Promise<Verdict>}
 */
export const verify = async (bytes, from = {}) => {
  try {
    if (bytes.length > MAX_FILE) throw new Unreadable('too_large');
    const brought = await broughtFrom(from);
    const { verdict, verified } = await check(bytes, brought);
    const idle = brought.keys.filter((key) => !verified.some(({ text }) => text === key.text));
    const findings = idle.map(({ name }) => unused(name));
    return { ...verdict, findings: [...verdict.findings, ...findings] };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { readable: false, findings: [{ check: 'unreadable', standing: 'fails', word: error.word, values: {} }], records: [] };
  }
};

/**
 * Whoever names a log otherwise must not get past a key that was brought.
 *
 * @param {string} name
 * @returns {import('./types.js').Finding}
 */
const unused = (name) => ({ check: 'brought_key', standing: 'unproven', word: 'brought_key', values: { name } });

/**
 * @param {{ keys?: string[], checkpoint?: string, consistency?: string }} from
 * @returns {Promise<Brought>}
 */
const broughtFrom = async ({ keys = [], checkpoint, consistency }) => {
  const lines = consistency?.split(/\s+/).filter(Boolean);
  return {
    keys: await readable('brought_key_form', () => Promise.all(keys.map((key) => parseKey(key.trim())))),
    checkpoint: checkpoint ?? null,
    consistency: await readable('brought_consistency', async () => lines?.map(fromBase64Hash) ?? null),
  };
};

/**
 * @template T
 * @param {string} word
 * @param {() => Promise<T>} work
 */
const readable = async (word, work) => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fails) throw new Unreadable(word);
    throw error;
  }
};

/**
 * @param {Bytes} bytes
 * @param {Brought} brought
 * @returns {Promise<{ verdict: Verdict, verified: Key[] }>}
 */
const check = async (bytes, brought) => {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return checkPack(bytes, brought);
  const examination = new Examination(parseReceipt(bytes), brought);
  await examination.run();
  const { receipt, findings, verified } = examination;
  const shown = { says: receipt.says, personal: receipt.opening?.personal ?? null, text: null };
  return { verdict: { readable: true, findings: findings.made, records: [shown] }, verified };
};
