/** @import {Decision, GateConfig, Optional} from '../types.js' */
/** @import {Shield} from './protect.js' */
import { allowedNow, isValid, parse, serialise } from '../decision.js';
import { read } from '../jar.js';
import { chooseLanguage } from '../language.js';
import { consentMode } from '../signals/google.js';
import { sendsGpc } from '../signals/gpc.js';
import { say } from './news.js';

const NAME = 'consentinel';
const DAY = 86400;

/**
 * Read the stored decision, follow it, and take new ones.
 *
 * @param {GateConfig} config
 * @param {Shield} shield
 */
export const decide = (config, { jar, sweep, allow }) => {
  const { regime, version, epoch, signals } = config;
  const gpc = sendsGpc(navigator);
  const language = chooseLanguage(document.documentElement.lang, navigator.languages, config.languages);
  const seconds = () => Math.floor(Date.now() / 1000);

  /** @type {string | undefined} the cookie this page has followed; undefined before the first */
  let followed;
  /** @type {Decision | null} */
  let decision = null;
  let valid = false;
  /** @type {Optional[]} */
  let allowed = [];

  /** @param {'default' | 'update'} command */
  const signal = (command) => {
    if (!signals.includes('google')) return;
    const page = /** @type {any} */ (window);
    const layer = (page.dataLayer = page.dataLayer || []);
    // Google's tag reads an arguments object, not an array
    (/** @type {(...command: unknown[]) => void} */ (function () {
      layer.push(arguments);
    }))('consent', command, { ...consentMode(allowed), ...(command === 'default' && { wait_for_update: 500 }) });
  };

  const follow = () => {
    allowed = allowedNow(decision, valid, config, gpc);
    if (decision || allowed.length) signal('update');
    allow(allowed);
    if (decision) sweep();
    say('decision', { allowed: ['necessary', ...allowed], decided: valid });
  };

  /** Another tab may have decided meanwhile. */
  const refresh = () => {
    const stored = read(jar.get(), NAME);
    if (stored === followed) return;
    followed = stored;
    decision = parse(stored);
    valid = !!decision && isValid(decision, config, seconds());
    follow();
  };

  /**
   * Keep what the visitor chose, and follow it.
   *
   * @param {Optional[]} given
   * @returns {Decision | null} the decision before, even if it no longer stands
   */
  const choose = (given) => {
    const earlier = decision;
    decision = { version, epoch, at: seconds(), given };
    valid = true;
    followed = serialise(decision);
    jar.set(
      `${NAME}=${followed};Path=/;SameSite=Lax;Max-Age=${regime.reprompt_days * DAY}${location.protocol === 'https:' ? ';Secure' : ''}`,
    );
    follow();
    tabs?.postMessage(0);
    return earlier;
  };

  // the other tabs of the site follow at once
  const tabs = 'BroadcastChannel' in window ? new BroadcastChannel(NAME) : undefined;
  if (tabs) tabs.onmessage = refresh;

  signal('default');
  refresh();
  for (const [target, kind] of /** @type {[EventTarget, string][]} */ ([[document, 'visibilitychange'], [window, 'pageshow']])) {
    target.addEventListener(kind, refresh);
  }

  return {
    language,
    gpc,
    choose,
    decided: () => valid,
    allowed: () => allowed,
    /** What stands in the cookie, if it still stands. */
    decision: () => (valid ? decision : null),
  };
};

/** @typedef {ReturnType<typeof decide>} Choice */
