/** @import {Category, GateConfig, Shown, Door} from '../types.js' */
/** @import {Choice} from './choice.js' */
import { opener } from './opener.js';

/**
 * The one public object, and the window when it is due.
 *
 * @param {GateConfig} config
 * @param {Choice} choice
 */
export const publish = (config, choice) => {
  const open = opener(config, choice);
  const api = {
    /** Open the preference panel. */
    open: () => open(true),
    /** The decision that stands, or null. */
    decision: () => {
      const stands = choice.decision();
      return stands && { ...stands, given: [...stands.given] };
    },
    /** @param {Category} category */
    allows: (category) => category === 'necessary' || choice.allowed().includes(category),
    /**
     * Call `listener` with an event's detail, and return how to stop that.
     *
     * @param {'decision' | 'unknown'} name
     * @param {(detail: any) => void} listener
     */
    on: (name, listener) => {
      const heard = (/** @type {Event} */ event) => listener(/** @type {CustomEvent} */ (event).detail);
      document.addEventListener('consentinel:' + name, heard);
      return () => document.removeEventListener('consentinel:' + name, heard);
    },
  };
  Object.defineProperty(window, 'consentinel', { value: Object.freeze(api) });
  if (!choice.decided()) open(false);
};
