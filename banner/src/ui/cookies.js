/** @import {CookieDeclaration, WindowConfig} from '../types.js' */
import { element } from './element.js';

const COLUMNS = /** @type {const} */ (['name', 'provider', 'purpose', 'lifetime']);

/**
 * What a category stores, folded away. On a phone each row becomes a card, which would cost a table its meaning: the roles keep it.
 *
 * @param {CookieDeclaration[]} cookies
 * @param {string} category
 * @param {WindowConfig['texts']} texts
 */
export const cookieTable = (cookies, category, texts) =>
  element(
    'details',
    {},
    element('summary', {}, `${texts.cookies} (${cookies.length})`),
    element(
      'table',
      { role: 'table', 'aria-label': `${category}: ${texts.cookies}` },
      element(
        'thead',
        { role: 'rowgroup' },
        element('tr', { role: 'row' }, ...COLUMNS.map((column) => element('th', { role: 'columnheader', scope: 'col' }, texts['cookie_' + column]))),
      ),
      element(
        'tbody',
        { role: 'rowgroup' },
        ...cookies.map((cookie) =>
          element('tr', { role: 'row' }, ...COLUMNS.map((column) => element('td', { role: 'cell', 'data-label': texts['cookie_' + column] }, cookie[column]))),
        ),
      ),
    ),
  );
