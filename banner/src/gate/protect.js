/** @import {GateConfig, Optional} from '../types.js' */
/** @import {Verdict} from './verdict.js' */
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
    get: () => {
      try {
        return /** @type {string} */ (native.get.call(document));
      } catch {
        return ''; // a sandboxed page has no cookies: nobody has decided
      }
    },
    /** @param {string} cookie */
    set: (cookie) => {
      try {
        native.set.call(document, cookie);
      } catch {
        // the decision lives as long as the page
      }
    },
  };

  const ours = [base, api].map((url) => new URL(url, location.href).hostname);
  const classify = classifier(hosts, ours, location.hostname, () => document.baseURI, registrable(jar));
  const lets = (/** @type {Verdict} */ verdict) => passes(verdict, allowed, unknown);

  /** @type {Set<string>} */
  const strangers = new Set();
  const notice = (/** @type {string} */ what, /** @type {boolean} */ held) => {
    if (!strangers.has(what)) say('unknown', { what, held });
    strangers.add(what);
  };
  const judge = (/** @type {unknown} */ url) => {
    const verdict = classify(url);
    if (verdict === 'unknown') notice(String(url), !lets(verdict));
    return verdict;
  };
  const room = waitingRoom(judge, lets);

  guard(window, {
    ...room,
    bars: (url) => !lets(judge(url)),
    barsName: (name) => {
      // what the visitor decided, only the visitor writes; the rest of ours is no secret
      if (/^consentinel/.test(name)) return name === 'consentinel';
      const category = declaredCategory(cookies, name);
      if (!category) notice(name, false);
      return !!category && !lets(category);
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
