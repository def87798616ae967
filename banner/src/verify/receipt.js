/** @import {Anchor, Brought, Bytes, Checkpoint, Key, Receipt} from './types.js' */
import { fromBase64, fromBase64Hash, same, sha256, toBase64, utf8 } from './bytes.js';
import { decimal, parseProof, signedCheckpoint } from './checkpoint.js';
import { readToken } from './der.js';
import { canonical } from './json.js';
import { WITNESS, openNote, parseKey } from './note.js';
import { checkConsistency, rootByInclusion } from './tree.js';
import { Fails, Findings } from './verdict.js';

const MERGE_DELAY_MS = 60_000;
const AHEAD_MS = 6000; // five seconds of clocks, and what whole seconds leave out
const ROLES = /** @type {const} */ (['receipt', 'log']);

/** @typedef {'receipt' | 'log' | 'witness'} Role what a key signs: the promise, the checkpoint of the proof, or beside the log */

/** One receipt under examination; `verified` collects the keys whose signatures held, by what they signed. */
export class Examination {
  findings = new Findings();
  /** @type {{ role: Role, key: Key }[]} */
  verified = [];
  joined = false;
  index = 0;
  late = false;
  /** @type {Checkpoint | null} */
  proven = null;
  /** @type {{ checkpoint: Checkpoint, path: Bytes[] }[]} */
  dated = [];
  /** @type {Checkpoint[]} */
  known = [];

  /**
   * @param {Receipt} receipt
   * @param {Brought} brought
   */
  constructor(receipt, brought) {
    this.receipt = receipt;
    this.brought = brought;
    this.hash = sha256(new Uint8Array([0]), receipt.leaf);
  }

  async run() {
    const { findings, receipt } = this;
    const holds = receipt.leafHash === toBase64(await this.hash);
    findings.add('leaf_hash', holds ? 'holds' : 'fails', 'leaf_hash');
    await findings.checking('promise', () => this.checkPromise());
    const { proof } = receipt;
    if (proof === null) findings.add('proof', 'open', 'promised');
    else await findings.checking('proof', () => this.checkProof(proof));
    for (const anchor of receipt.anchors) await this.checkAnchor(anchor);
    await findings.checking('opening', () => this.checkOpening());
    this.compareKeys();
    await this.compareCheckpoint();
    findings.add('rendering', 'open', 'rendering');
    if (this.proven) this.lookAtTimes(this.proven);
    const witnessed = this.known.length || findings.has('witness', 'holds');
    if (this.proven && !witnessed) findings.add('only_log', 'open', 'only_log');
  }

  async checkPromise() {
    const { says, note, keys } = this.receipt;
    const key = await parseKey(keys.receipt);
    const { text, verified } = await openNote(note, [key]);
    const lines = text.split('\n');
    const expected = ['consentinel/receipt/v1', says.log, says.id, toBase64(await this.hash)];
    if (lines.length !== 6 || lines[5] || !expected.every((line, at) => line === lines[at])) throw new Fails('promise_other');
    decimal(lines[4], 'promise_other');
    this.verified.push(...verified.map((one) => ({ role: /** @type {Role} */ ('receipt'), key: one })));
    this.findings.add('promise', 'holds', this.isBrought(key) ? 'promise' : 'promise_uncompared', { name: key.name });
  }

  /** @param {Key} key */
  isBrought(key) {
    return this.brought.keys.some(({ text }) => text === key.text);
  }

  logKey() {
    return parseKey(this.receipt.keys.log ?? '');
  }

  /** @param {string} text */
  async checkProof(text) {
    const { index, path, checkpoint: note, late } = parseProof(text);
    const witnesses = this.brought.keys.filter(({ algorithm }) => algorithm === WITNESS);
    const key = await this.logKey();
    const { checkpoint, verified } = await signedCheckpoint(note, this.receipt.says.log, key, witnesses);
    const root = await rootByInclusion(index, checkpoint.size, await this.hash, path);
    if (!same(root, checkpoint.root)) throw new Fails('proof_leads');
    this.verified.push(...verified.map((one) => ({ role: /** @type {Role} */ (one === key ? 'log' : 'witness'), key: one })));
    Object.assign(this, { index, late, proven: checkpoint });
    const values = { number: index + 1, size: checkpoint.size, name: key.name };
    const compared = this.isBrought(key) ? '' : '_uncompared';
    if (checkpoint.at === null) this.findings.add('proof', 'holds', `proof${compared}`, values);
    else this.findings.add('proof', 'holds', `proof_at${compared}`, { ...values, at: checkpoint.at });
    for (const { algorithm, name } of verified) if (algorithm === WITNESS) this.findings.add('witness', 'holds', 'witness', { name });
  }

  /** @param {Anchor} anchor */
  async checkAnchor(anchor) {
    const { proven } = this;
    if (!proven) this.findings.add('anchor', 'unproven', 'anchor_alone');
    else await this.findings.checking('anchor', () => this.join(anchor, proven));
  }

  /**
   * @param {Anchor} anchor
   * @param {Checkpoint} proven
   */
  async join({ kind, checkpoint: note, token, consistency }, proven) {
    if (kind !== 'rfc3161') throw new Fails('anchor_kind');
    const { checkpoint } = await signedCheckpoint(note, this.receipt.says.log, await this.logKey());
    const { imprint, at } = readToken(fromBase64(token));
    if (!same(imprint, await sha256(utf8(note)))) throw new Fails('token_imprint');
    const path = consistency.map(fromBase64Hash);
    await checkConsistency(checkpoint, proven, path);
    this.dated.push({ checkpoint, path });
    const word = checkpoint.size > this.index ? 'anchor_holds' : 'anchor_before';
    this.findings.add('anchor', 'holds', word, { size: checkpoint.size });
    this.findings.add('token', 'open', 'token', { at });
  }

  async checkOpening() {
    const { opening, says } = this.receipt;
    if (!opening) return;
    const salt = fromBase64(opening.salt);
    const committed = utf8(`consentinel/pii/1\n${canonical(opening.personal)}`);
    const mac = toBase64(await hmacSha256(salt, committed));
    if (mac.replaceAll('+', '-').replaceAll('/', '_').replace('=', '') !== says.pii) throw new Fails('opening');
    this.findings.add('opening', 'holds', 'opening');
  }

  compareKeys() {
    for (const role of ROLES) {
      const text = this.receipt.keys[role];
      if (text === undefined) continue;
      const same = this.brought.keys.filter(({ name }) => name === text.split('+', 1)[0]);
      const [check, values] = [`${role}_key`, { key: text }];
      if (same.some((key) => key.text === text)) this.findings.add(check, 'holds', check);
      else if (same.length) this.findings.add(check, 'fails', `${check}_other`);
      else if (this.receipt.proof !== null || role === 'receipt') this.findings.add(check, 'open', check, values);
    }
  }

  async compareCheckpoint() {
    const { brought, proven, findings } = this;
    const { checkpoint: note } = brought;
    if (note === null) return;
    if (!proven) return findings.add('checkpoint', 'unproven', 'checkpoint_alone');
    await findings.checking('checkpoint', async () => {
      const { checkpoint: own } = await signedCheckpoint(note, this.receipt.says.log, await this.logKey());
      const path = this.pathFrom(own, proven);
      if (!path) return findings.add('checkpoint', 'unproven', 'checkpoint_unjoined');
      await checkConsistency(own, proven, path);
      this.known.push(own);
      findings.add('checkpoint', 'holds', 'checkpoint', { size: own.size });
    });
  }

  /**
   * @param {Checkpoint} own
   * @param {Checkpoint} proven
   */
  pathFrom(own, proven) {
    if (own.size === 0) return null; // an empty tree is the beginning of every log, and so tells nothing of this one
    if (own.size === proven.size) return [];
    const { consistency } = this.brought;
    const path = this.dated.find(({ checkpoint }) => checkpoint.size === own.size)?.path ?? consistency;
    // between two sizes there is one proof only
    this.joined = path?.length === consistency?.length && path?.every((hash, at) => same(hash, /** @type {Bytes[]} */ (consistency)[at])) === true;
    return path;
  }

  /** @param {Checkpoint} proven */
  lookAtTimes(proven) {
    const { at } = this.receipt.says;
    const seen = [proven, ...this.dated.map(({ checkpoint }) => checkpoint), ...this.known];
    const holding = seen.filter(({ size }) => size > this.index).flatMap((one) => one.at ?? []);
    const missing = seen.filter(({ size }) => size <= this.index).flatMap((one) => one.at ?? []);
    const first = Math.min(...holding);
    if (first + AHEAD_MS < at) this.findings.add('time', 'fails', 'time', { at });
    else if (missing.some((one) => one > at + MERGE_DELAY_MS)) this.findings.add('late', 'open', 'late_shown');
    else if (this.late) this.findings.add('late', 'open', 'late_said');
    else if (first > at + MERGE_DELAY_MS) this.findings.add('late', 'open', 'late_perhaps');
  }
}

/**
 * @param {Bytes} key
 * @param {Bytes} message
 */
const hmacSha256 = async (key, message) => {
  if (!key.length) throw new Fails('opening'); // WebCrypto takes no empty key, and nobody has one for a salt
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, message));
};
