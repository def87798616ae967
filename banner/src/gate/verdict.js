/** @import {Category, GateConfig, Optional} from '../types.js' */
import { OPTIONAL } from '../decision.js';
import { categoryOf, commonSuffix, suffixTable } from '../hosts.js';

/**
 * What a request is held for: a category, or the stranger whom nobody declared.
 *
 * @typedef {Category | 'unknown'} Verdict
 */

/**
 * Read URLs as the page's config classifies them: a listed host by its longest suffix, else the page's own domain is necessary, else
 * it is unknown. What loads nothing from elsewhere (data:, blob:) is necessary too.
 *
 * @param {GateConfig['hosts']} hosts
 * @param {string[]} ours the hosts of the banner itself, necessary whatever is listed
 * @param {string} page the page's host name
 * @param {() => string} base what relative URLs are relative to
 * @param {(domain: string) => boolean} isOurs tells whether the page's host belongs to a registrable domain at or below this one
 * @returns {(url: unknown) => Verdict}
 */
export const classifier = (hosts, ours, page, base, isOurs) => {
  const table = suffixTable(hosts);
  return (url) => {
    let parsed;
    try {
      parsed = new URL(String(url), base());
    } catch {
      return 'necessary'; // no URL, so nothing that could load
    }
    const { protocol, hostname } = parsed;
    if (!/^(http|ws)s?:/.test(protocol) || ours.includes(hostname)) return 'necessary';
    const common = commonSuffix(hostname, page);
    return categoryOf(hostname, table) || (hostname === page || (common && isOurs(common)) ? 'necessary' : 'unknown');
  };
};

/**
 * Ask the browser whether a domain is registrable: it refuses cookies for a public suffix. The probe is gone before anything
 * else can run.
 *
 * @param {{get: () => string, set: (cookie: string) => void}} cookies
 * @returns {(domain: string) => boolean}
 */
export const registrable = ({ get, set }) => {
  /** @type {Record<string, boolean>} */
  const known = Object.create(null);
  return (domain) => {
    if (!(domain in known)) {
      const probe = 'consentinel_probe=1;Domain=' + domain;
      set(probe);
      known[domain] = get().includes('consentinel_probe=1');
      set(probe + ';Max-Age=0');
    }
    return known[domain];
  };
};

/**
 * Tell whether a verdict lets something pass. A stranger passes in a site that only reports; where strangers are blocked, it waits
 * until the visitor has agreed to everything there is.
 *
 * @param {Verdict} verdict
 * @param {Optional[]} allowed
 * @param {GateConfig['unknown']} unknown
 */
export const passes = (verdict, allowed, unknown) =>
  verdict === 'necessary' ||
  (verdict === 'unknown' ? unknown === 'report' || allowed.length === OPTIONAL.length : allowed.includes(verdict));
