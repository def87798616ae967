/** @import {Category} from './types.js' */

/**
 * Turn the config's lists into one table; a suffix listed twice belongs to the later, less necessary category.
 *
 * @param {Record<Category, string[]>} hosts
 * @returns {Record<string, Category>}
 */
export const suffixTable = (hosts) => {
  const table = Object.create(null);
  for (const category of /** @type {Category[]} */ (['necessary', 'performance', 'functional', 'targeting'])) {
    for (const suffix of hosts[category] || []) table[suffix] = category;
  }
  return table;
};

/**
 * The category of the longest listed suffix of a host name, or undefined.
 *
 * @param {string} host
 * @param {Record<string, Category>} table
 * @returns {Category | undefined}
 */
export const categoryOf = (host, table) => {
  for (let rest = host.replace(/\.$/, ''), dot = 0; dot >= 0; rest = rest.slice(dot + 1)) {
    if (table[rest]) return table[rest];
    dot = rest.indexOf('.');
  }
};

/**
 * The longest run of labels two host names end with, at least two labels long, or ''. Whether a registrable domain is in it,
 * only the browser knows.
 *
 * @param {string} one
 * @param {string} other
 */
export const commonSuffix = (one, other) => {
  const ours = one.split('.');
  const theirs = other.split('.');
  const common = [];
  while (ours.length && ours[ours.length - 1] === theirs.pop()) common.unshift(ours.pop());
  return common.length > 1 ? common.join('.') : '';
};
