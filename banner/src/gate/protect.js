/** @import {GateConfig, Optional} from '../types.js' */
import { declaredCategory, expiries } from '../jar.js';
import { waitingRoom } from './hold.js';
import { say } from './news.js';
import { guard } from './realm.js';
import { classifier, passes, registrable } from './verdict.js';

/**
 * Close everything, then open what is allowed, whenever that changes. It starts closed: whatever fails afterwards, nothing but
 * necessary runs.
 *
 * @param {GateConfig} config
 */
export const protect = ({ hosts, unknown, cookies, base, api }) => {
  /** @type {Optional[]} */
  let allowed = [];

  // the browser's own way to the cookies, before anybody changes it
  const native = /** @type {any} */ (Object.getOwnPropertyDescriptor(Document.prototype, 'cookie'));
  const jar = {
    /** @returns {string} */
    get: () => native.get.call(document),
    /** @param {string} cookie */
    set: (cookie) => native.set.call(document, cookie),
  };

  const ours = [base, api].map((url) => new URL(url, location.href).hostname);
  const classify = classifier({ ...hosts, necessary: [...(hosts.necessary || []), ...ours] }, location.hostname, () => document.baseURI, registrable(jar));
  const lets = (/** @type {import('./verdict.js').Verdict} */ verdict) => passes(verdict, allowed, unknown);

  /** @type {Set<string>} */
  const strangers = new Set();
  const notice = (/** @type {string} */ verdict, /** @type {string} */ what) => {
    if (verdict !== 'unknown' || strangers.has(what)) return;
    strangers.add(what);
    say('unknown', { what, held: unknown === 'block' });
  };
  const room = waitingRoom(classify, lets, notice);

  guard(window, {
    ...room,
    bars: (url) => {
      const verdict = classify(url);
      notice(verdict, String(url));
      return !lets(verdict);
    },
    barsName: (name, undeclared) => {
      if (name.startsWith('consentinel')) return false;
      const verdict = declaredCategory(cookies, name) || (undeclared ? 'unknown' : 'necessary');
      notice(verdict, name);
      return !lets(verdict);
    },
  });
  room.inspectTree(document);

  /** Remove what was declared for categories that are not allowed. */
  const sweep = () => {
    const refused = (/** @type {string} */ name) => !lets(declaredCategory(cookies, name) || 'necessary');
    for (const pair of jar.get().split('; ')) {
      const [name] = pair.split('=');
      if (refused(name)) expiries(name, location.hostname, location.pathname).forEach(jar.set);
    }
    for (const kind of /** @type {const} */ (['localStorage', 'sessionStorage'])) {
      try {
        const storage = window[kind];
        Object.keys(storage).filter(refused).forEach((key) => storage.removeItem(key));
      } catch {
        // storage is refused, so there is nothing in it
      }
    }
  };

  return {
    jar,
    sweep,
    /** @param {Optional[]} categories */
    allow: (categories) => {
      allowed = categories;
      room.release();
    },
  };
};

/** @typedef {ReturnType<typeof protect>} Shield */
