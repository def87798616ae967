/** @import {Category, Optional, WindowConfig} from '../types.js' */
import { bothWays } from './actions.js';
import { linkList } from './ask.js';
import { cookieTable } from './cookies.js';
import { element } from './element.js';

/**
 * The preference panel: each category with what it is for and its cookies.
 *
 * @param {WindowConfig} config
 * @param {{choose: (given: Optional[], event: MouseEvent) => void, closed: () => void, receipts: () => void}} acts
 */
export const panelLayer = ({ texts, categories, links }, { choose, closed, receipts }) => {
  const title = element('h2', { id: 'panel', tabindex: '-1' }, texts.dialog_title);
  const switches = categories.map(({ id, title: name }) => {
    const box = /** @type {HTMLInputElement} */ (
      element('input', { type: 'checkbox', role: 'switch', id, 'aria-describedby': id + '-why', disabled: id === 'necessary' })
    );
    box.checked = id === 'necessary';
    return { id, name, box };
  });
  const chosen = () => /** @type {Optional[]} */ (switches.filter(({ id, box }) => id !== 'necessary' && box.checked).map(({ id }) => id));
  const dismiss = () => {
    dialog.close();
    closed();
  };

  const kept = element('p', { class: 'links' }, element('button', { type: 'button', class: 'link', part: 'receipts', click: receipts }, texts.receipts));

  const dialog = /** @type {HTMLDialogElement} */ (
    element(
      'dialog',
      { class: 'card panel', part: 'panel', 'aria-labelledby': 'panel' },
      element(
        'header',
        {},
        title,
        element('button', { type: 'button', class: 'close', 'aria-label': texts.close, click: dismiss }, '×'),
      ),
      element(
        'div',
        { class: 'body' },
        element('p', {}, texts.dialog_description),
        kept,
        ...categories.map(({ id, description, cookies }, index) =>
          element(
            'div',
            { class: 'category' },
            element(
              'div',
              { class: 'row' },
              element('h3', {}, element('label', { for: id }, switches[index].name)),
              id === 'necessary' && element('span', { class: 'locked' }, texts.always_on),
              switches[index].box,
            ),
            element('p', { id: id + '-why' }, description),
            cookies.length > 0 && cookieTable(cookies, switches[index].name, texts),
          ),
        ),
        linkList(links),
      ),
      element(
        'footer',
        { class: 'actions' },
        ...bothWays(texts, choose),
        element('button', { type: 'button', class: 'quiet', part: 'save', click: (event) => choose(chosen(), event) }, texts.save),
      ),
    )
  );
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    dismiss();
  });

  return {
    layer: dialog,
    /** @param {boolean} known whether this browser has records that it may read */
    know: (known) => (kept.hidden = !known),
    /** @param {Optional[]} on the categories shown switched on */
    open: (on) => {
      for (const { id, box } of switches) box.checked = id === 'necessary' || on.includes(id);
      if (!dialog.open) dialog.showModal();
      title.focus();
    },
    close: () => dialog.close(),
  };
};
