/** @import {GateConfig} from '../types.js' */

/**
 * What holds when no config arrived: every third party waits, nobody is asked, nothing is recorded.
 *
 * @type {GateConfig}
 */
const NOTHING = {
  site: '',
  version: 0,
  epoch: 0,
  build: '',
  api: '',
  base: '',
  regime: { id: 'opt-in', model: 'opt-in', reprompt_days: 0, gpc: true },
  languages: [],
  layout: 'bar',
  default: [],
  unknown: 'block',
  hosts: { necessary: [], performance: [], functional: [], targeting: [] },
  cookies: [],
  signals: [],
};

/**
 * The config out of the hole, or the one under which nothing but necessary runs.
 *
 * @param {unknown} hole
 * @returns {GateConfig}
 */
export const configFrom = (hole) => {
  const { regime, hosts, cookies, languages } = /** @type {Partial<GateConfig>} */ (hole || {});
  return regime && hosts && Array.isArray(cookies) && Array.isArray(languages) ? /** @type {GateConfig} */ (hole) : NOTHING;
};
