/** @import {Door, Layer, Optional, WindowConfig} from '../types.js' */
import { OPTIONAL } from '../decision.js';
import { element } from './element.js';

/**
 * "Reject all" and "Accept all", made alike: the same kind, the same size, side by side, refusing first.
 *
 * @param {WindowConfig['texts']} texts
 * @param {(given: Optional[], event: MouseEvent) => void} choose
 * @returns {[HTMLElement, HTMLElement]}
 */
export const bothWays = (texts, choose) => [
  element('button', { type: 'button', class: 'choice', part: 'reject', click: (event) => choose([], event) }, texts.reject_all),
  element('button', { type: 'button', class: 'choice', part: 'accept', click: (event) => choose([...OPTIONAL], event) }, texts.accept_all),
];
