/** @import {Verdict} from './verdict.js' */
import { LOADS, PARKED } from './markup.js';

/**
 * What waits of an element: the attributes that would make it load, and of a script its type and whether it was async, as they
 * were written. An inline script waits without attributes.
 *
 * @typedef {{verdict: Verdict, attributes: Record<string, string>, type?: string | null, async?: boolean}} Entry
 */

const { setAttribute } = Element.prototype;
const { insertBefore } = Node.prototype;

const EVERY = [...Object.keys(LOADS), '[data-consentinel]'].join();

/** A script of this type is data to the browser. @param {string | null} type */
const isData = (type) => !!type && !/module|(java|ecma)script/i.test(type);

/** @param {Element} element @returns {element is HTMLScriptElement} */
const isScript = (element) => element.localName === 'script';

/**
 * The elements that wait for a decision, in the order in which the page made them.
 *
 * @param {(url: unknown) => Verdict} classify
 * @param {(verdict: Verdict) => boolean} passes
 * @param {(verdict: Verdict, url: string) => void} notice told of everything held
 */
export const waitingRoom = (classify, passes, notice) => {
  /** @type {Map<Element, Entry>} */
  const held = new Map();
  let queue = Promise.resolve();

  /** The shop's own mark says more than a host name. @param {Element} element @param {string[]} urls @returns {Verdict} */
  const judge = (element, urls) =>
    /** @type {Verdict | null} */ (element.getAttribute('data-consentinel')) ||
    urls.map(classify).find((verdict) => !passes(verdict)) ||
    'necessary';

  /**
   * Keep an attribute back if it must wait.
   *
   * @param {Element} element
   * @param {string} attribute
   * @param {string} value
   * @returns {boolean} whether it waits
   */
  const attend = (element, attribute, value) => {
    if (!LOADS[element.localName]?.includes(attribute)) return false;
    // a link is fetched for what it is to the page; a canonical address is only said
    if (element.localName === 'link' && !/style|load|fetch|connect|icon|manifest|render/.test(element.getAttribute('rel') || '')) return false;
    const entry = held.get(element);
    if (entry) delete entry.attributes[attribute];
    const verdict = judge(element, /srcset|ping/.test(attribute) ? value.split(/[\s,]+/) : [value]);
    if (passes(verdict)) return false;
    notice(verdict, value);
    keep(element, verdict).attributes[attribute] = value;
    if (element.hasAttribute(attribute)) {
      if (isScript(element)) disarm(element);
      // leaving the frame's address away would let it go on loading
      if (attribute === 'src' && /frame/.test(element.localName)) setAttribute.call(element, attribute, 'about:blank');
      else element.removeAttribute(attribute);
    }
    return true;
  };

  /** @param {Element} element @param {Verdict} verdict */
  const keep = (element, verdict) => {
    const entry = held.get(element) || { verdict, attributes: {} };
    entry.verdict = verdict;
    held.set(element, entry);
    return entry;
  };

  /** A script that the parser has already read would run without its address too. @param {HTMLScriptElement} script */
  const disarm = (script) => {
    const entry = /** @type {Entry} */ (held.get(script));
    if (entry.type !== undefined) return;
    entry.type = script.getAttribute('type');
    entry.async = script.async;
    setAttribute.call(script, 'type', 'text/plain');
  };

  /** @param {Element} element */
  const inspect = (element) => {
    const mark = element.getAttribute('data-consentinel');
    const type = isScript(element) ? element.getAttribute('type') : null;
    if (isData(type) && !(mark && type === 'text/plain')) return;
    if (held.has(element) && type) return;
    const marked = type === 'text/plain' && isScript(element);
    if (marked) {
      // written to wait; it becomes what data-type says, by default a classic script
      const entry = keep(element, /** @type {Verdict} */ (mark));
      entry.type = element.getAttribute('data-type');
      entry.async = element.hasAttribute('async');
    }
    for (const attribute of LOADS[element.localName] || []) {
      for (const source of [PARKED + attribute, mark ? 'data-' + attribute : attribute, attribute]) {
        const value = element.getAttribute(source);
        if (value === null) continue;
        if (marked) /** @type {Entry} */ (held.get(element)).attributes[attribute] = value;
        else if (!attend(element, attribute, value) && source !== attribute) setAttribute.call(element, attribute, value);
        if (source !== attribute) element.removeAttribute(source);
      }
    }
    if (marked) release();
  };

  /** @param {Node} node */
  const inspectTree = (node) => {
    if (node.nodeType === 1) inspect(/** @type {Element} */ (node));
    if ('querySelectorAll' in node) for (const element of /** @type {ParentNode} */ (node).querySelectorAll(EVERY)) inspect(element);
  };

  /**
   * Let an element load now. A script that others may rely on is waited for.
   *
   * @param {Element} element
   * @param {Entry} entry
   */
  const start = async (element, { attributes, type, async }) => {
    const parent = element.parentNode;
    if (isScript(element) && type !== undefined) {
      element.async = !!async;
      // its own address away, so that giving it one starts it
      element.removeAttribute('src');
      if (type === null) element.removeAttribute('type');
      else setAttribute.call(element, 'type', type);
      if (!Object.keys(attributes).length && parent) insertBefore.call(parent, element, element.nextSibling);
    }
    const ordered = isScript(element) && element.isConnected && !element.async && attributes.src;
    const settled = new Promise((done) => ordered ? ['load', 'error'].forEach((kind) => element.addEventListener(kind, done)) : done(0));
    for (const attribute in attributes) {
      if (attend(element, attribute, attributes[attribute])) return; // taken back meanwhile
      setAttribute.call(element, attribute, attributes[attribute]);
    }
    await settled;
  };

  const release = () => {
    for (const [element, entry] of held) {
      if (!passes(entry.verdict)) continue;
      held.delete(element);
      queue = queue.then(() => start(element, entry));
    }
  };

  return {
    attend,
    inspectTree,
    release,
    /** What an element was told to load, though it does not yet. @param {Element} element @param {string} attribute */
    waiting: (element, attribute) => held.get(element)?.attributes[attribute],
  };
};
