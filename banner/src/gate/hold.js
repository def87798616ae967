/** @import {Verdict} from './verdict.js' */
import { LOADS, MARK, PARKED, urlsIn } from './markup.js';
import { trusted } from './trusted.js';

/**
 * What waits of an element: the addresses it does not have yet, as they were given, and of a script its type and whether it was
 * async. A script out of the markup waits with its address, under another type.
 *
 * @typedef {{verdict: Verdict, addresses: Record<string, any>, type?: string | null, async?: boolean, due?: boolean}} Entry
 */

const { setAttribute } = Element.prototype;
const { insertBefore } = Node.prototype;

const INERT = 'text/plain';
const EVERY = [...Object.keys(LOADS), `[${MARK}]`].join().replace(/\ba(rea)?\b/g, '$&[ping]');

/** A script of this type is data to the browser. @param {string | null} type */
const isData = (type) => !!type && !/module|(java|ecma)script/i.test(type);

/** @param {Element} element @returns {element is HTMLScriptElement} */
const isScript = (element) => element.localName === 'script';

/**
 * The elements that wait for a decision, in the order in which the page made them.
 *
 * @param {(url: unknown) => Verdict} classify
 * @param {(verdict: Verdict) => boolean} passes
 */
export const waitingRoom = (classify, passes) => {
  /** @type {Map<Element, Entry>} */
  const held = new Map();
  let queue = Promise.resolve();

  /** What an element was told to load, though it does not yet. @param {Element} element @param {string} attribute */
  const waiting = (element, attribute) => held.get(element)?.addresses[attribute];

  /** @param {Element} element @param {Verdict} verdict */
  const keep = (element, verdict) => {
    const entry = held.get(element) || { verdict, addresses: {} };
    entry.verdict = verdict;
    held.set(element, entry);
    return entry;
  };

  /**
   * Keep an address back if it must wait.
   *
   * @param {Element} element
   * @param {string} attribute
   * @param {any} value
   * @returns {boolean} whether it waits
   */
  const attend = (element, attribute, value) => {
    if (!LOADS[element.localName]?.includes(attribute)) return false;
    // a link is fetched for what it is to the page; a canonical address is only said
    if (element.localName === 'link' && !/style|load|fetch|connect|icon|manifest|render/.test(element.getAttribute('rel') || '')) return false;
    delete held.get(element)?.addresses[attribute];
    // the shop's own mark says more than a host name
    const verdict =
      /** @type {Verdict | null} */ (element.getAttribute(MARK)) ||
      urlsIn(attribute, String(value)).map(classify).find((one) => !passes(one)) ||
      'necessary';
    if (passes(verdict)) return false;
    keep(element, verdict).addresses[attribute] = value;
    return true;
  };

  /**
   * Make a script wait that the parser has read.
   *
   * @param {HTMLScriptElement} script
   * @param {Entry} entry
   */
  const disarm = (script, entry) => {
    entry.type = script.getAttribute('type');
    entry.async = script.async;
    setAttribute.call(script, 'type', INERT);
  };

  /** @param {Element} element */
  const inspect = (element) => {
    const script = isScript(element);
    const mark = element.getAttribute(MARK);
    const type = script ? element.getAttribute('type') : null;
    // written to wait; it becomes what data-type says, by default a classic script
    const waits = script && mark && type === INERT && !held.has(element);
    if (isData(type) && !waits) return;
    for (const attribute of LOADS[element.localName] || []) {
      const aside = [PARKED, mark ? 'data-' : PARKED].map((prefix) => prefix + attribute).find((name) => element.hasAttribute(name));
      const value = element.getAttribute(aside || attribute);
      // what stands in for a held address is none
      if (value === null || (!aside && waiting(element, attribute))) continue;
      if (aside) {
        element.removeAttribute(aside);
        const address = script ? trusted('createScriptURL', value) : value;
        if (waits || !attend(element, attribute, address)) setAttribute.call(element, attribute, address);
      } else if (!waits && attend(element, attribute, value)) {
        const entry = /** @type {Entry} */ (held.get(element));
        if (script) {
          delete entry.addresses[attribute];
          disarm(element, entry);
          // leaving the frame's address away would let it go on loading
        } else if (/frame/.test(element.localName)) setAttribute.call(element, attribute, 'about:blank');
        else element.removeAttribute(attribute);
      }
    }
    if (waits) {
      const entry = keep(element, /** @type {Verdict} */ (mark));
      entry.type = element.getAttribute('data-type');
      entry.async = element.async;
      release();
    }
  };

  /** @param {Node} node */
  const inspectTree = (node) => {
    if (node.nodeType === 1) inspect(/** @type {Element} */ (node));
    if ('querySelectorAll' in node) /** @type {ParentNode} */ (node).querySelectorAll(EVERY).forEach(inspect);
  };

  /**
   * Let an element load now. A script that others may rely on is waited for.
   *
   * @param {Element} element
   * @param {Entry} entry
   */
  const start = async (element, entry) => {
    const { addresses, type, async } = entry;
    entry.due = false;
    if (!passes(entry.verdict)) return; // taken back meanwhile
    held.delete(element);
    /** @type {Promise<unknown> | undefined} */
    let settled;
    if (isScript(element)) {
      if (type !== undefined) {
        element.async = !!async;
        if (type === null) element.removeAttribute('type');
        else setAttribute.call(element, 'type', type);
      }
      if (!element.async && element.isConnected && (addresses.src || element.src))
        settled = new Promise((done) => ['load', 'error'].forEach((kind) => element.addEventListener(kind, done)));
    }
    for (const attribute in addresses) {
      if (!attend(element, attribute, addresses[attribute])) setAttribute.call(element, attribute, addresses[attribute]);
    }
    // a script that has been read runs when it comes into the page
    if (type !== undefined) element.parentNode && insertBefore.call(element.parentNode, element, element.nextSibling);
    await settled;
  };

  const release = () => {
    for (const [element, entry] of held) {
      if (entry.due || !passes(entry.verdict)) continue;
      entry.due = true;
      const run = () => start(element, entry).catch(() => {}); // what cannot start holds up nobody
      if (isScript(element) && !(entry.async ?? element.async)) queue = queue.then(run);
      else run();
    }
  };

  return { attend, inspectTree, release, waiting };
};
