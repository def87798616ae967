/** @import {Act, Category, Decision, Optional, Regime} from './types.js' */

/** The categories a visitor may refuse, in the order of their letters. @type {Optional[]} */
export const OPTIONAL = ['performance', 'functional', 'targeting'];

const DAY = 86400;

/**
 * Tell whether a decision lets a category run; an undecided visitor has said no.
 *
 * @param {Decision | null} decision
 * @param {Category} category
 */
export const allows = (decision, category) =>
  category === 'necessary' || decision?.given.includes(category) === true;

/**
 * Write a decision as the cookie's value: `1.VERSION.EPOCH.SECONDS.LETTERS`, seconds in base 36.
 *
 * @param {Decision} decision
 */
export const serialise = ({ version, epoch, at, given }) =>
  `1.${version}.${epoch}.${at.toString(36)}.${OPTIONAL.map((category) => (given.includes(category) ? category[0] : '')).join('') || '-'}`;

/**
 * Read the cookie's value; anything but the exact format is no decision.
 *
 * @param {string} text
 * @returns {Decision | null}
 */
export const parse = (text) => {
  const [, version, epoch, at, letters] = /^1\.(\d{1,9})\.(\d{1,9})\.([\da-z]{1,9})\.(-|(?=.)p?f?t?)$/.exec(text) || [];
  return letters
    ? { version: +version, epoch: +epoch, at: parseInt(at, 36), given: OPTIONAL.filter((category) => letters.includes(category[0])) }
    : null;
};

/**
 * Tell whether a decision still stands: not of an older epoch, not older than the regime's interval, not from the future
 * (a day is forgiven for clocks).
 *
 * @param {Decision} decision
 * @param {{epoch: number, regime: Regime}} config
 * @param {number} now in Unix seconds
 */
export const isValid = (decision, { epoch, regime }, now) =>
  decision.epoch >= epoch && decision.at < now + DAY && now - decision.at < regime.reprompt_days * DAY;

/**
 * The categories that may run now. Opt-in: what a valid decision gave. Opt-out: what the merchant has switched on, until a
 * decision, even an outdated one, or the browser's signal has said no.
 *
 * @param {Decision | null} decision the stored one, valid or not
 * @param {boolean} valid
 * @param {{regime: Regime, default: Optional[]}} config
 * @param {boolean} gpc the browser sends Global Privacy Control
 * @returns {Optional[]}
 */
export const allowedNow = (decision, valid, { regime, default: switchedOn }, gpc) => {
  if (decision && valid) return decision.given;
  if (regime.model !== 'opt-out' || (gpc && regime.gpc)) return [];
  return decision ? decision.given : switchedOn;
};

/**
 * Name the act by what it changes: taking back anything given earlier is a withdrawal, confirming the same grant is a renewal.
 *
 * @param {Decision | null} earlier the decision before, even if it no longer stands
 * @param {Optional[]} given
 * @returns {Act}
 */
export const actOf = (earlier, given) => {
  const before = earlier ? earlier.given : [];
  // GDPR Art. 7(3)
  if (before.some((category) => !given.includes(category))) return 'withdrawn';
  if (!given.length) return 'refused';
  if (before.length === given.length) return 'renewed';
  return given.length < OPTIONAL.length ? 'partial' : 'given';
};
