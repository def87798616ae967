/** @import {Category, GateConfig} from '../types.js' */
/** @import {Choice} from './choice.js' */
import { opener } from './opener.js';

/** Whether an act of this browser's has not reached the register yet; the window sends it. */
const waits = () => {
  try {
    return (localStorage.getItem('consentinel.outbox') || '[]') !== '[]';
  } catch {
    return false; // storage is refused, so nothing is kept in it
  }
};

/**
 * The one public object, and the window when it is due.
 *
 * @param {GateConfig} config
 * @param {Choice} choice
 */
export const publish = (config, choice) => {
  const load = opener(config, choice);
  const api = {
    /** Open the preference panel. */
    open: () => load((window) => window.show(true)),
    /** Open the page of this browser's receipts; browsers open pages for whoever has just clicked. */
    receipts: () => load((window) => window.receipts()),
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
  if (!choice.decided()) load((window) => window.show(false));
  else if (waits()) load();
};
