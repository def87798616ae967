/** @import {WindowConfig} from '../types.js' */
import css from './window.css';
import { element } from './element.js';

/**
 * The one element the window lives in, out of reach of the shop's styles. It stands first in the page, so that the keyboard and
 * a screen reader come to it first.
 *
 * @param {WindowConfig} config
 */
export const hostOf = ({ language, direction, theme }) => {
  const host = element('div', { id: 'consentinel', lang: language, dir: direction });
  const root = host.attachShadow({ mode: 'open' });
  // property by property, as a strict security policy allows it
  for (const [name, value] of Object.entries(theme)) if (name.startsWith('--consentinel-')) host.style.setProperty(name, value);

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  document.body.prepend(host);
  return root;
};
