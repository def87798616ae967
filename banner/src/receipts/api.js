/** @import {Config, Fetched, Listed} from './types.js' */
import { utf8 } from '../verify/bytes.js';

/** That there is no answer, and by which word of the page it is told. */
export class Refused extends Error {
  /** @param {string} word */
  constructor(word) {
    super(word);
    this.word = word;
  }
}

const PATIENCE = 20e3;
/** @type {Record<number, string>} */
const WHY = { 401: 'unknown', 403: 'not_set_up', 404: 'none', 410: 'gone', 422: 'none' };

/**
 * The visitor's own records, with their token in a header and never in an address.
 *
 * @param {Config} config
 * @param {() => string} token
 */
export const records = ({ api, site }, token) => {
  /** @param {string} path @param {Record<string, string>} [query] */
  const text = async (path, query = {}) => {
    let answer;
    try {
      answer = await fetch(`${api}${path}?${new URLSearchParams({ site, ...query })}`, {
        headers: { Authorization: `Bearer ${token()}` },
        cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.ok) return await answer.text();
    } catch {
      throw new Refused(navigator.onLine ? 'unreachable' : 'offline');
    }
    throw new Refused(WHY[answer.status] ?? 'busy');
  };

  return {
    /** @param {string | null} cursor @returns {Promise<{ records: Listed[], cursor: string | null }>} */
    page: async (cursor) => parsed(await text('/me/consents', cursor ? { cursor } : {})),
    /** @param {string} id @returns {Promise<Fetched>} */
    receipt: async (id) => {
      const said = await text(`/receipts/${encodeURIComponent(id)}`);
      const document = parsed(said);
      return { bytes: utf8(said), document, state: document.proof === null ? 'promised' : 'complete' };
    },
  };
};

/** @param {string} text */
const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused('busy'); // cut off, or somebody else's answer
  }
};
