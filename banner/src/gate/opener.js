/** @import {Door, GateConfig, Optional, Shown} from '../types.js' */
/** @import {Choice} from './choice.js' */

/** What opens the panel. */
export const LINKS = '[data-consentinel-open],a[href="#consentinel"]';

/**
 * The window, fetched at most once. It hands its constructor over by an event on its own script element, and so meets nobody else.
 *
 * @param {GateConfig} config
 * @param {Choice} choice
 * @returns {(panel: boolean) => void}
 */
export const opener = ({ base, regime, default: switchedOn }, choice) => {
  const nonce = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.nonce;
  /** @type {Promise<Shown> | undefined} */
  let shown;

  /** @type {Door} */
  const door = {
    regime,
    gpc: choice.gpc,
    switchedOn: switchedOn || [],
    decided: choice.decided,
    allowed: choice.allowed,
    // GDPR Art. 4(11): an act of the visitor's, not a script's
    choose: (given, event, layer) => {
      if (event.isTrusted) choice.choose(given, /** @type {UIEvent} */ (event).detail ? 'button' : 'key', layer);
    },
  };

  const load = () =>
    new Promise((/** @type {(shown: Shown) => void} */ resolve, reject) => {
      const script = document.createElement('script');
      script.addEventListener('consentinel', (event) => resolve(/** @type {CustomEvent} */ (event).detail(door)));
      script.addEventListener('error', reject);
      if (nonce) script.nonce = nonce;
      script.src = `${base}window.${choice.language}.js`;
      document.head.append(script);
    });

  const open = (/** @type {boolean} */ panel) => {
    if (!choice.language) return;
    shown = shown || load();
    shown.then(
      (window) => window.show(panel),
      () => (shown = undefined), // offline: the next click tries again
    );
  };

  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element && event.target.closest(LINKS);
    if (!link) return;
    event.preventDefault();
    open(true);
  });
  return open;
};
