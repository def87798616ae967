/** @import {ActRecord, Category, Decision, GateConfig, Gesture, Layer, Optional} from '../types.js' */
/** @import {Shield} from './protect.js' */
import { OPTIONAL, actOf, allowedNow, isValid, parse, serialise } from '../decision.js';
import { read } from '../jar.js';
import { chooseLanguage } from '../language.js';
import { consentMode } from '../signals/google.js';
import { sendsGpc } from '../signals/gpc.js';
import { uuid7 } from '../uuid.js';
import { say } from './news.js';
import { reporter } from './reporter.js';

const NAME = 'consentinel';
const DAY = 86400;

/**
 * Read the stored decision, follow it, and take new ones.
 *
 * @param {GateConfig} config
 * @param {Shield} shield
 */
export const decide = (config, { jar, sweep, allow }) => {
  const { regime, version, epoch, build, signals } = config;
  const gpc = sendsGpc(navigator);
  const language = chooseLanguage(document.documentElement.lang, navigator.languages, config.languages);
  const report = reporter(config);
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
    (function () {
      layer.push(arguments);
    })('consent', command, { ...consentMode(allowed), ...(command === 'default' && { wait_for_update: 500 }) });
  };

  const follow = () => {
    allowed = allowedNow(decision, valid, regime, gpc);
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
   * @param {Optional[]} given
   * @param {Gesture} gesture
   * @param {Layer} layer
   */
  const choose = (given, gesture, layer) => {
    const at = seconds();
    const act = actOf(decision, given);
    decision = { version, epoch, at, given };
    valid = true;
    followed = serialise(decision);
    jar.set(
      `${NAME}=${followed};Path=/;SameSite=Lax;Max-Age=${regime.reprompt_days * DAY}${location.protocol === 'https:' ? ';Secure' : ''}`,
    );
    follow();
    report({
      id: uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
      act,
      section: 'banner',
      at_client: Date.now(),
      categories: /** @type {Record<Category, boolean>} */ (
        Object.fromEntries(['necessary', ...OPTIONAL].map((id, at) => [id, !at || given.includes(/** @type {Optional} */ (id))]))
      ),
      shown: { config: version, build, language, gpc, layer, gesture },
    });
  };

  signal('default');
  try {
    refresh();
    // a signal against it is a refusal, kept and reported once
    if (!valid && regime.model === 'opt-out' && regime.gpc && gpc) choose([], 'signal', 'signal');
  } catch {
    // cookies are refused (a sandboxed page): it cannot tell, so nothing but necessary runs
  }
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
