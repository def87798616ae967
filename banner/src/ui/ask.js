/** @import {Optional, Regime, WindowConfig} from '../types.js' */
import { bothWays } from './actions.js';
import { element } from './element.js';

/**
 * The first layer: a bar that leaves the page usable, or a modal that waits for an answer.
 *
 * @param {WindowConfig} config
 * @param {Regime} regime
 * @param {{choose: (given: Optional[], event: MouseEvent) => void, customise: () => void}} acts
 */
export const askLayer = ({ layout, texts, links }, { model }, { choose, customise }) => {
  const modal = layout === 'modal';
  const description = model === 'opt-out' ? texts.banner_description_opt_out : texts.banner_description;
  const title = element('h2', { id: 'ask', tabindex: '-1' }, texts.banner_title);
  const more = element('button', { type: 'button', class: 'quiet', part: 'customise', click: customise }, texts.customise);
  const layer = element(
    modal ? 'dialog' : 'section',
    { class: `card ask ${layout}`, part: layout, 'aria-labelledby': 'ask', 'aria-describedby': 'why', closedby: modal && 'none' },
    element(
      'div',
      { class: 'words' },
      title,
      element('p', { id: 'why' }, description, ' ', texts.withdraw_note),
      linkList(links),
    ),
    element('div', { class: 'actions' }, ...bothWays(texts, choose), more),
  );
  const dialog = /** @type {HTMLDialogElement} */ (layer);
  const root = document.documentElement.style;
  /** @type {EventTarget | null} */
  let before = null;

  // WCAG 2.4.3: who came into the bar goes back to where they were
  layer.addEventListener('focusin', ({ relatedTarget }) => (before = before || relatedTarget));
  // Escape is no answer; a browser that does not know `closedby` closes at the second one, whatever it is told
  layer.addEventListener('cancel', (event) => event.preventDefault());
  layer.addEventListener('close', () => layer.hidden || dialog.showModal());

  return {
    layer,
    /** @param {boolean} back whether the visitor comes back from the panel */
    open: (back) => {
      layer.hidden = false;
      if (modal && !dialog.open) dialog.showModal();
      // WCAG 2.4.11: what has the focus is not hidden behind the bar
      if (!modal) root.scrollPaddingBottom = layer.offsetHeight + 24 + 'px';
      if (back) more.focus();
      else if (modal) title.focus();
    },
    close: () => {
      const inside = layer.contains(/** @type {ShadowRoot} */ (layer.getRootNode()).activeElement);
      layer.hidden = true;
      if (modal) dialog.close();
      root.scrollPaddingBottom = '';
      if (inside && before instanceof HTMLElement) before.focus();
    },
  };
};

/** @param {WindowConfig['links']} links */
export const linkList = (links) =>
  links.length > 0 &&
  element('p', { class: 'links' }, ...links.map(({ title, url }) => element('a', { href: url, target: '_blank', rel: 'noopener' }, title)));
