/** @import {ActRecord} from './types.js' */

const OUTBOX = 'consentinel.outbox';
const SUBJECT = 'consentinel.subject';
const SECRET = 'consentinel.secret';
const KEPT = 20;
const WEEK = 7 * 86400e3;

/** What says that the act itself is wrong, so that asking again would change nothing. */
const REFUSALS = [400, 409, 413, 415, 422];

/**
 * The acts that wait for the register's answer. An act stays, under its id, until a 2xx or a refusal of the act itself; everything
 * else, a site that is not set up for the page's origin included, is tried again with growing pauses, when the browser comes online,
 * and on the next page. Where the subject token is not good any more, as after an erasure, the act goes out without it.
 *
 * @param {{
 *   storage: Pick<Storage, 'getItem' | 'setItem'>,
 *   post: (body: string) => Promise<{status: number, json: () => Promise<any>}>,
 *   now: () => number,
 *   later: (run: () => void, ms: number) => void,
 *   random: () => Uint8Array,
 *   alone: (run: () => Promise<void>) => Promise<void>
 * }} world `random` gives sixteen bytes; `alone` lets one tab at a time run
 */
export const outbox = ({ storage, post, now, later, random, alone }) => {
  let failures = 0;
  let waiting = false;

  /** @returns {ActRecord[]} */
  const read = () => {
    try {
      return JSON.parse(storage.getItem(OUTBOX) || '[]')
        .filter((/** @type {ActRecord} */ record) => now() - record.at_client < WEEK)
        .slice(-KEPT);
    } catch {
      return []; // not ours any more: whoever overwrote it took the acts with it
    }
  };

  /** What this browser is known by until it has a token: a retry whose answer was lost arrives at the same subject. */
  const secret = () => {
    const kept = storage.getItem(SECRET) || btoa(String.fromCharCode(...random())).slice(0, 22).replace(/\+/g, '-').replace(/\//g, '_');
    storage.setItem(SECRET, kept);
    return kept;
  };

  /** @param {ActRecord[]} records */
  const write = (records) => storage.setItem(OUTBOX, JSON.stringify(records));

  const deliver = async () => {
    for (let [record] = read(); record; [record] = read()) {
      const subject = storage.getItem(SUBJECT) || undefined;
      const answer = await post(JSON.stringify({ subject_token: subject, secret: subject ? undefined : secret(), acts: [record] }));
      const { status } = answer;
      // the subject is gone, and the secret that led to it with them
      if (status === 410) storage.setItem(SECRET, '');
      if (subject && (status === 401 || status === 410)) {
        storage.setItem(SUBJECT, '');
        continue;
      }
      if (status >= 200 && status < 300) {
        const { subject_token } = await answer.json().catch(() => ({}));
        if (subject_token) storage.setItem(SUBJECT, subject_token);
      } else if (!REFUSALS.includes(status)) throw status;
      write(read().filter(({ id }) => id !== record.id));
      failures = 0;
    }
  };

  const flush = () =>
    alone(deliver).catch(() => {
      // offline, a closed door or a busy server: the act waits
      if (waiting) return;
      waiting = true;
      later(() => {
        waiting = false;
        flush();
      }, Math.min(2e3 * 2 ** failures++, 3e5));
    });

  return {
    /** @param {ActRecord} record */
    add: (record) => {
      write([...read(), record]);
      return flush();
    },
    flush,
    /** The token by which this browser reads its own records, or '' while it has none. */
    subject: () => storage.getItem(SUBJECT) || '',
  };
};
