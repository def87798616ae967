/** @import {Brought, Bytes, Finding, Shown, Verdict} from './types.js' */
import { parseReceipt } from './document.js';
import { isObject, parseJson } from './json.js';
import { Examination } from './receipt.js';
import { Fails, Findings, Unreadable } from './verdict.js';
import { sha256, toHex } from './bytes.js';
import { unzipped } from './zip.js';

const FORMAT = 'consentinel/dispute-pack/v1';
const MANIFEST = 'manifest.json';
const BELONGINGS = [
  { member: 'pol', folder: 'texts', ending: 'md', check: 'text' },
  { member: 'cfg', folder: 'windows', ending: 'json', check: 'window' },
];

/** @typedef {{ digests: Map<string, string>, kept: Map<string, Bytes> }} Files */

/** @param {string} path */
const isRecord = (path) => path.startsWith('records/') && path.endsWith('.json');

/** @param {string} path */
const isRead = (path) => path === MANIFEST || isRecord(path) || /^texts\/[^/]*\.md$/.test(path);

/**
 * @param {Bytes} bytes
 * @param {Brought} brought
 * @returns {Promise<{ verdict: Verdict, examinations: Examination[] }>}
 */
export const checkPack = async (bytes, brought) => {
  const { digests, kept } = await filesOf(bytes);
  const listed = manifestOf(kept.get(MANIFEST));
  digests.delete(MANIFEST);
  const findings = new Findings();
  await findings.checking('manifest', async () => checkManifest(digests, listed, findings));
  findings.add('vouched', 'open', 'vouched');
  const records = [...kept.keys()].filter(isRecord).sort();
  if (!records.length) findings.add('records', 'unproven', 'records');
  /** @type {Shown[]} */
  const shown = [];
  /** @type {Examination[]} */
  const examinations = [];
  for (const path of records) {
    const receipt = parseReceipt(/** @type {Bytes} */ (kept.get(path)));
    const examination = new Examination(receipt, about(brought, receipt.says.log));
    await examination.run();
    if (brought.checkpoint !== null && examination.brought.checkpoint === null) {
      examination.findings.add('checkpoint', 'unproven', 'checkpoint_other');
    }
    checkBelongings(examination, path, digests);
    examinations.push(examination);
    shown.push({ says: receipt.says, personal: receipt.opening?.personal ?? null, text: textOf(receipt.says, kept) });
  }
  askOfEach(examinations);
  for (const { receipt, findings: its } of examinations) {
    findings.made.push(...its.made.map((finding) => ({ ...finding, record: receipt.says.id })));
  }
  if (brought.checkpoint !== null && !records.length) findings.add('checkpoint', 'unproven', 'checkpoint_elsewhere');
  return { verdict: { readable: true, findings: findings.made, records: shown }, examinations };
};

/**
 * What a brought key has signed of one record must not vouch for its neighbours: each is judged as if it came alone.
 *
 * @param {Examination[]} examinations
 */
const askOfEach = (examinations) => {
  const signed = examinations.map((one) => one.verified.filter(({ key }) => one.isBrought(key)).map(({ role }) => role));
  for (const role of /** @type {const} */ (['receipt', 'log', 'witness'])) {
    if (!signed.flat().includes(role)) continue;
    for (const [at, { findings }] of examinations.entries()) {
      if (!signed[at].includes(role)) findings.add(role === 'witness' ? role : `${role}_key`, 'unproven', `unsigned_${role}`);
    }
  }
};

/**
 * @param {Bytes} bytes
 * @returns {Promise<Files>}
 */
const filesOf = async (bytes) => {
  const [digests, kept] = [new Map(), new Map()];
  for await (const { name, content } of unzipped(bytes)) {
    digests.set(name, toHex(await sha256(content)));
    if (isRead(name)) kept.set(name, content);
  }
  return { digests, kept };
};

/**
 * @param {Bytes | undefined} bytes
 * @returns {Record<string, string>}
 */
const manifestOf = (bytes) => {
  const manifest = bytes ? parseJson(bytes) : null;
  if (!isObject(manifest) || manifest.format !== FORMAT || Object.keys(manifest).length !== 2) throw new Unreadable('not_pack');
  const { files } = manifest;
  if (!isObject(files) || !Object.values(files).every((one) => typeof one === 'string')) throw new Unreadable('not_pack');
  return files;
};

/**
 * @param {Map<string, string>} digests
 * @param {Record<string, string>} listed
 * @param {Findings} findings
 */
const checkManifest = (digests, listed, findings) => {
  for (const path of [...new Set([...digests.keys(), ...Object.keys(listed)])].sort()) {
    if (!Object.hasOwn(listed, path)) throw new Fails('manifest_unlisted', { path });
    if (!digests.has(path)) throw new Fails('manifest_missing', { path });
    if (digests.get(path) !== listed[path]) throw new Fails('manifest_changed', { path });
  }
  findings.add('manifest', 'holds', 'manifest', { count: digests.size });
};

/**
 * That what the record names is there as the record names it.
 *
 * @param {Examination} examination
 * @param {string} path
 * @param {Map<string, string>} digests
 */
const checkBelongings = ({ receipt: { says }, findings }, path, digests) => {
  if (path !== `records/${says.id}.json`) findings.add('name', 'fails', 'name');
  for (const { member, folder, ending, check } of BELONGINGS) {
    if (!isObject(says[member])) continue;
    const { sha256: digest } = says[member];
    const there = digest !== undefined && digests.get(`${folder}/${digest}.${ending}`) === digest;
    findings.add(check, there ? 'holds' : 'fails', check);
  }
};

/**
 * @param {Record<string, any>} says
 * @param {Map<string, Bytes>} kept
 */
const textOf = ({ pol }, kept) => {
  const text = isObject(pol) && kept.get(`texts/${pol.sha256}.md`);
  return text ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(text) : null;
};

/**
 * Without the checkpoint, where it is of another year's log.
 *
 * @param {Brought} brought
 * @param {string} log
 */
const about = (brought, log) =>
  brought.checkpoint === null || brought.checkpoint.split('\n', 1)[0] === log
    ? brought
    : { ...brought, checkpoint: null, consistency: null };
