/** @import {ActRecord, GateConfig} from '../types.js' */
import { outbox } from '../record.js';

/**
 * The way to the register: the outbox over this browser's storage and network. Where storage is refused, acts live as long as
 * the page.
 *
 * @param {GateConfig} config
 * @returns {{report: (record: ActRecord) => Promise<void>, subject: () => string}}
 */
export const reporter = ({ api, site }) => {
  /** @type {Record<string, string>} */
  const memory = {};
  const storage = {
    getItem: (/** @type {string} */ key) => {
      try {
        return memory[key] ?? localStorage.getItem(key);
      } catch {
        return null; // storage is refused
      }
    },
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => {
      try {
        localStorage.setItem(key, value);
        delete memory[key];
      } catch {
        memory[key] = value; // refused or full
      }
    },
  };
  const box = outbox({
    storage,
    post: (body) =>
      fetch(`${api}/consents?site=${site}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, keepalive: true }),
    now: () => Date.now(),
    later: (run, ms) => void setTimeout(run, ms),
    random: () => crypto.getRandomValues(new Uint8Array(16)),
    alone: async (run) => (navigator.locks ? navigator.locks.request('consentinel', run) : run()),
  });
  addEventListener('online', box.flush);
  addEventListener('pagehide', box.flush);
  box.flush();
  return { report: box.add, subject: box.subject };
};
