/** @import {CookieRule, Category} from './types.js' */

/**
 * Read one cookie out of `document.cookie`.
 *
 * @param {string} jar
 * @param {string} name
 */
export const read = (jar, name) => {
  for (const pair of jar.split('; ')) if (pair.startsWith(name + '=')) return pair.slice(name.length + 1);
  return '';
};

/**
 * The category a cookie or storage key was declared under; an exact name wins over a prefix, a longer prefix over a shorter.
 *
 * @param {CookieRule[]} rules
 * @param {string} name
 * @returns {Category | undefined}
 */
export const declaredCategory = (rules, name) => {
  let found;
  let length = -1;
  for (const [rule, match, category] of rules) {
    const weight = match === 'exact' ? Infinity : rule.length;
    if (weight > length && (match === 'exact' ? name === rule : name.startsWith(rule))) {
      found = category;
      length = weight;
    }
  }
  return found;
};

/**
 * Everything to write so that a cookie is gone wherever a script of this page may have put it: host-only and on each parent
 * domain, on each segment of the path.
 *
 * @param {string} name
 * @param {string} host
 * @param {string} path
 * @returns {string[]}
 */
export const expiries = (name, host, path) => {
  const labels = host.split('.');
  const domains = ['', ...labels.map((_, index) => labels.slice(index).join('.'))];
  const paths = ['/'];
  let walked = '';
  for (const segment of path.split('/').filter(Boolean)) {
    walked += '/' + segment;
    paths.push(walked, walked + '/');
  }
  return domains.flatMap((domain) =>
    paths.map((at) => `${name}=;Max-Age=0;Path=${at}${domain && ';Domain=' + domain}${/^__(Secure|Host)-/.test(name) ? ';Secure' : ''}`),
  );
};
