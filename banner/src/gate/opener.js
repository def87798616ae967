/** @import {Door, GateConfig, Shown} from '../types.js' */
/** @import {Choice} from './choice.js' */
import { trusted } from './trusted.js';

/** What opens the panel. */
const LINKS = '[data-consentinel-open],a[href="#consentinel"]';

/**
 * The window, fetched at most once. It hands its constructor over by an event on its own script element, and so meets nobody else.
 *
 * @param {GateConfig} config
 * @param {Choice} choice
 */
export const opener = (config, choice) => {
  const nonce = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.nonce;
  /** @type {Promise<Shown> | undefined} */
  let shown;

  /** @type {Door} */
  const door = {
    ...choice,
    config,
    // GDPR Art. 4(11): agreeing is an act of the visitor's, not a script's
    choose: (given, event) => (event?.isTrusted || !given.length ? { earlier: choice.choose(given) } : undefined),
  };

  const fetched = () =>
    new Promise((/** @type {(shown: Shown) => void} */ resolve, reject) => {
      const script = document.createElement('script');
      script.addEventListener('consentinel', (event) => {
        // only while the window's own script runs is the event its own
        if (document.currentScript === script) resolve(/** @type {CustomEvent} */ (event).detail(door));
      });
      script.addEventListener('error', reject);
      if (nonce) script.nonce = nonce;
      script.src = trusted('createScriptURL', `${config.base}window.${choice.language}.js`);
      document.head.append(script);
    });

  /**
   * The window, or nothing while it cannot be had: the next call tries again.
   *
   * @param {(window: Shown) => void} [then]
   */
  const load = (then) => {
    if (!choice.language) return;
    shown = shown || fetched();
    shown.then(then, () => (shown = undefined));
  };

  // another tab may have answered
  document.addEventListener('consentinel:decision', () => choice.decided() && shown?.then((window) => window.hide()));
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element && event.target.closest(LINKS))) return;
    event.preventDefault();
    load((window) => window.show(true));
  });
  return load;
};
