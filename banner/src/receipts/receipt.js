/** @import {Language} from '../verify/words.js' */
/** @import {Config, Fetched} from './types.js' */
import { element } from '../ui/element.js';
import { rowsOf } from '../verify/record.js';
import { say } from './words.js';

/**
 * A receipt for reading: what its leaf says, who asked, and where what was shown still stands.
 *
 * @param {Fetched} fetched
 * @param {Config} config
 * @param {Language} language
 */
export const receiptView = ({ document }, config, language) => {
  const personal = document.opening?.personal ?? null;
  const rows = rowsOf({ says: JSON.parse(document.leaf), personal, text: null }, language);
  const links = shownAt(document.receipt, config);
  return [
    element(
      'dl',
      {},
      ...rows.flatMap(({ label, lines }) => entry(label, lines)),
      ...entry(say(language, 'controller'), controllerOf(document.receipt)),
      ...entry(say(language, 'notices'), links.map(({ word, url }) => outside(url, say(language, word)))),
    ),
    element(
      'details',
      {},
      element('summary', {}, say(language, 'raw_receipt')),
      element('pre', { tabindex: '0' }, JSON.stringify(document, null, 2)),
    ),
  ];
};

/**
 * Where what was shown stands; only addresses of the CDN are linked.
 *
 * @param {any} rendering
 * @param {Config} config
 */
export const shownAt = ({ privacy_notices: notices = [], shown = {} }, { cdn }) =>
  [
    ...notices.flatMap((/** @type {any} */ { page, text }) => [{ word: 'as_read', url: page }, { word: 'as_written', url: text }]),
    { word: 'window_settings', url: shown.config?.window },
  ].filter(({ url }) => url?.startsWith(`${cdn}/`));

/** @param {any} rendering */
const controllerOf = ({ pii_controllers: [controller = {}] = [] }) =>
  ['party_name', 'party_registration', 'party_address', 'party_email', 'party_phone'].map((name) => controller[name]).filter(Boolean);

/**
 * @param {string} label
 * @param {(Node | string)[]} lines
 */
const entry = (label, lines) =>
  lines.length ? [element('dt', {}, label), element('dd', {}, ...lines.map((line) => element('div', {}, line)))] : [];

/**
 * A link to a page that learns nothing of this one.
 *
 * @param {string} url
 * @param {string} text
 */
export const outside = (url, text) => element('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, text);
