/** @import {ActRecord, Category, Decision, Door, Gesture, Layer, Optional} from '../types.js' */
import { OPTIONAL, actOf } from '../decision.js';
import { uuid7 } from '../uuid.js';

/**
 * What the register is told of a choice.
 *
 * @param {Door} door
 * @param {{earlier: Decision | null, given: Optional[], layer: Layer, gesture: Gesture}} choice
 * @returns {ActRecord}
 */
export const actRecord = ({ config, language, gpc }, { earlier, given, layer, gesture }) => {
  const now = Date.now();
  return {
    id: uuid7(now, crypto.getRandomValues(new Uint8Array(10))),
    act: actOf(earlier, given),
    section: 'banner',
    at_client: now,
    categories: /** @type {Record<Category, boolean>} */ (
      Object.fromEntries([['necessary', true], ...OPTIONAL.map((category) => [category, given.includes(category)])])
    ),
    shown: { config: config.version, build: config.build, language, gpc, layer, gesture },
  };
};
