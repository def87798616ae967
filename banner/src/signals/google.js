/** @import {Optional} from '../types.js' */

/** Google Consent Mode v2: which of its signals a category governs. @type {Record<Optional, string[]>} */
export const SIGNALS = {
  performance: ['analytics_storage'],
  functional: ['functionality_storage', 'personalization_storage'],
  targeting: ['ad_storage', 'ad_user_data', 'ad_personalization'],
};

/**
 * Every signal, as the categories given say.
 *
 * @param {Optional[]} given
 * @returns {Record<string, string>}
 */
export const consentMode = (given) => {
  /** @type {Record<string, string>} */
  const state = { security_storage: 'granted' };
  for (const category in SIGNALS) {
    for (const signal of SIGNALS[/** @type {Optional} */ (category)]) {
      state[signal] = given.includes(/** @type {Optional} */ (category)) ? 'granted' : 'denied';
    }
  }
  return state;
};
