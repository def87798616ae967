/** @import {GateConfig} from '../types.js' */

/**
 * What holds when no config arrived: every third party waits, nobody is asked, nothing is recorded.
 */
const NOTHING = /** @type {GateConfig} */ (
  /** @type {unknown} */ ({ regime: {}, hosts: {}, cookies: [], languages: [], signals: [] })
);

/**
 * The config out of the hole, or the one under which nothing but necessary runs.
 *
 * @param {unknown} hole
 * @returns {GateConfig}
 */
export const configFrom = (hole) => {
  const config = /** @type {GateConfig} */ (hole);
  try {
    const { regime, hosts, cookies, languages, signals, base, api } = config;
    if (new URL(base) && new URL(api) && regime.model && hosts.necessary && [cookies, languages, signals].every(Array.isArray)) return config;
  } catch {
    // there is none, or it lacks something
  }
  return NOTHING;
};
