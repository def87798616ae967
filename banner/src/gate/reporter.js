/** @import {ActRecord, GateConfig} from '../types.js' */
import { outbox } from '../record.js';

/**
 * The way to the register: the outbox over this browser's storage and network. Where storage is refused, acts live as long as
 * the page.
 *
 * @param {GateConfig} config
 * @returns {(record: ActRecord) => void}
 */
export const reporter = ({ api, site }) => {
  if (!api) return () => {};
  const { fetch, setTimeout } = window;
  /** @type {Record<string, string>} */
  const memory = {};
  /** @type {Pick<Storage, 'getItem' | 'setItem'>} */
  let storage = { getItem: (key) => memory[key] || null, setItem: (key, value) => void (memory[key] = value) };
  try {
    localStorage.setItem('consentinel.outbox', localStorage.getItem('consentinel.outbox') || '[]');
    storage = localStorage;
  } catch {
    // refused or full
  }
  const box = outbox({
    storage,
    post: (body) =>
      fetch(`${api}/consents?site=${site}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, keepalive: true }),
    now: Date.now,
    later: setTimeout,
    alone: async (run) => (navigator.locks ? navigator.locks.request('consentinel', run) : run()),
  });
  addEventListener('online', box.flush);
  addEventListener('pagehide', box.flush);
  box.flush();
  return box.add;
};
