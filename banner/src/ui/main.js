/** @import {Door, WindowConfig} from '../types.js' */
import { windowOf } from './window.js';

// the gate listens on the script element that it made, and answers with its door
document.currentScript?.dispatchEvent(
  new CustomEvent('consentinel', {
    detail: (/** @type {Door} */ door) => windowOf(/** @type {WindowConfig} */ (/** @type {unknown} */ ('__CONSENTINEL__')), door),
  }),
);
