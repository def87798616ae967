/** @import {Brought, Bytes, Finding, Verdict} from './types.js' */
import { fromBase64Hash } from './bytes.js';
import { parseReceipt } from './document.js';
import { parseKey } from './note.js';
import { checkPack } from './pack.js';
import { Examination } from './receipt.js';
import { Fails, Unreadable, unreadable } from './verdict.js';

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
    const { verdict, examinations } = await check(bytes, brought);
    return { ...verdict, findings: [...verdict.findings, ...unused(brought, examinations)] };
  } catch (error) {
    // what nobody has thought of is no reason to leave another file's verdict standing
    return unreadable(error instanceof Unreadable ? error.word : 'untold');
  }
};

/**
 * What was brought and met nothing: whoever names a log otherwise must not get past its key.
 *
 * @param {Brought} brought
 * @param {Examination[]} examinations
 * @returns {Finding[]}
 */
const unused = ({ keys, consistency }, examinations) => {
  const idle = keys.filter(({ text }) => !examinations.some(({ verified }) => verified.some(({ key }) => key.text === text)));
  const joined = !consistency?.length || examinations.some((one) => one.joined);
  return [
    ...idle.map(({ name }) => /** @type {Finding} */ ({ check: 'brought_key', standing: 'unproven', word: 'brought_key', values: { name } })),
    ...(joined ? [] : [/** @type {Finding} */ ({ check: 'brought_consistency', standing: 'unproven', word: 'brought_unjoined', values: {} })]),
  ];
};

/**
 * @param {{ keys?: string[], checkpoint?: string, consistency?: string }} from
 * @returns {Promise<Brought>}
 */
const broughtFrom = async ({ keys = [], checkpoint, consistency }) => {
  const lines = consistency?.split(/\s+/).filter(Boolean);
  return {
    keys: await readable('brought_key_form', () => Promise.all(keys.map((key) => parseKey(key.trim())))),
    checkpoint: checkpoint === undefined ? null : asSigned(checkpoint),
    consistency: await readable('brought_consistency', async () => lines?.map(fromBase64Hash) ?? null),
  };
};

/**
 * A note that went through a mail program: its own line ends, no blank lines around it, one newline at the end.
 *
 * @param {string} text
 */
const asSigned = (text) => {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const told = lines.map((line) => /[^ \t]/.test(line));
  return `${lines.slice(Math.max(told.indexOf(true), 0), told.lastIndexOf(true) + 1).join('\n')}\n`;
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
 * @returns {Promise<{ verdict: Verdict, examinations: Examination[] }>}
 */
const check = async (bytes, brought) => {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return checkPack(bytes, brought);
  const examination = new Examination(parseReceipt(bytes), brought);
  await examination.run();
  const { receipt, findings } = examination;
  const shown = { says: receipt.says, personal: receipt.opening?.personal ?? null, text: null };
  return { verdict: { readable: true, findings: findings.made, records: [shown] }, examinations: [examination] };
};
