/** @import {Language} from './words.js' */
/** @import {Finding, Shown, Standing, Verdict} from './types.js' */
import { element } from '../ui/element.js';
import { rowsOf } from './record.js';
import { exitOf, unreadable } from './verdict.js';
import { say, told } from './words.js';

const SIGNS = ['✓', '✕', '?'];
const ORDER = /** @type {Standing[]} */ (['fails', 'unproven', 'holds', 'open']);

/**
 * The whole of a verdict, made before any of it is shown: what cannot be told with all its caveats is not told to be verified.
 *
 * @param {Verdict} verdict
 * @param {string} name of the file
 * @param {Language} language
 */
export const view = (verdict, name, language) => {
  try {
    return { headline: headline(verdict, name, language), details: details(verdict, language) };
  } catch {
    return { headline: headline(unreadable('untold'), name, language), details: [] }; // whatever it was, half of it may not be shown
  }
};

/**
 * The verdict in large letters.
 *
 * @param {Verdict} verdict
 * @param {string} name of the file
 * @param {Language} language
 */
const headline = (verdict, name, language) => {
  const exit = exitOf(verdict);
  const why = verdict.readable ? [] : verdict.findings.map((finding) => element('p', {}, told(language, finding)));
  return element(
    'div',
    { class: `verdict exit-${exit}` },
    element('span', { class: 'sign', 'aria-hidden': 'true' }, SIGNS[exit]),
    element('h2', {}, say(language, `verdict_${exit}`)),
    element('p', {}, say(language, exit === 0 && uncompared(verdict) ? 'told_uncompared' : `told_${exit}`)),
    ...why,
    element('p', { class: 'note' }, say(language, 'about', { name })),
  );
};

/** @param {Verdict} verdict */
const uncompared = ({ findings }) =>
  findings.some(({ check, standing }) => standing === 'open' && (check === 'receipt_key' || check === 'log_key'));

/**
 * What was proven and what was not, and what the records say.
 *
 * @param {Verdict} verdict
 * @param {Language} language
 */
const details = (verdict, language) => {
  if (!verdict.readable) return [];
  const groups = ORDER.map((standing) => [standing, verdict.findings.filter((one) => one.standing === standing)]);
  const [bad, good] = [groups.slice(0, 2), groups.slice(2)].map((some) =>
    some.flatMap(([standing, found]) => (found.length ? group(String(standing), /** @type {Finding[]} */ (found), language) : [])),
  );
  const claimed = exitOf(verdict) !== 0;
  return [...bad, ...verdict.records.map((record) => recordOf(record, claimed, language)), ...good];
};

/**
 * @param {string} standing
 * @param {Finding[]} findings
 * @param {Language} language
 */
const group = (standing, findings, language) =>
  element(
    'section',
    { class: `findings ${standing}` },
    element('h3', {}, say(language, standing)),
    element('ul', {}, ...findings.map((finding) => line(finding, language))),
  );

/**
 * @param {Finding} finding
 * @param {Language} language
 */
const line = (finding, language) =>
  element(
    'li',
    {},
    finding.record !== undefined && element('p', { class: 'note' }, say(language, 'which', { id: finding.record })),
    told(language, finding),
  );

/**
 * @param {Shown} record
 * @param {boolean} claimed
 * @param {Language} language
 */
const recordOf = (record, claimed, language) =>
  element(
    'section',
    { class: 'record' },
    element('h3', {}, say(language, 'record')),
    claimed && element('p', { class: 'claimed' }, say(language, 'record_claimed')),
    element('dl', {}, ...rowsOf(record, language).flatMap(({ label, lines }) => [
      element('dt', {}, label),
      element('dd', {}, ...lines.map((text) => element('div', {}, text))),
    ])),
    !claimed && element('p', { class: 'note' }, say(language, 'record_source')),
    record.text !== null && folded(say(language, 'text_shown'), record.text),
    folded(say(language, 'raw'), JSON.stringify(record.says, null, 2)),
  );

/**
 * @param {string} title
 * @param {string} text
 */
const folded = (title, text) => element('details', {}, element('summary', {}, title), element('pre', { tabindex: '0' }, text));
