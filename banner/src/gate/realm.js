import { LOADS, defuse } from './markup.js';
import { trusted } from './trusted.js';

/**
 * What the patches ask before they let the page go on.
 *
 * @typedef {{
 *   bars: (url: unknown) => boolean,
 *   barsName: (name: string) => boolean,
 *   attend: (element: Element, attribute: string, value: any) => boolean,
 *   waiting: (element: Element, attribute: string) => any,
 *   inspectTree: (node: Node) => void
 * }} Keeper
 */

/** An address that every API refuses in its own way, without a request. */
const NOWHERE = 'about:invalid';

/**
 * Stand between a realm's scripts and everything they could reach others by. A frame without an address of its own is another
 * realm, guarded as soon as the page can touch it.
 *
 * @param {any} realm a window
 * @param {Keeper} keeper
 */
export const guard = (realm, keeper) => {
  // a frame that goes elsewhere keeps its window and gets new classes
  if (!realm || guarded.has(realm.Node)) return;
  guarded.add(realm.Node);
  const { document, Element, Node, Document, Range, ShadowRoot, DocumentFragment, CharacterData } = realm;

  /**
   * Let `change` decide what becomes of a call; `go` is the call as it was.
   *
   * @param {any} owner
   * @param {string} name
   * @param {(target: any, args: any[], go: (args: any[]) => any) => any} change
   */
  const method = (owner, name, change) => {
    const native = owner?.[name];
    if (!native) return;
    owner[name] = /** @this {any} @param {any[]} args */ function (...args) {
      return change(this, args, (it) => native.apply(this, it));
    };
  };

  /**
   * Let `change` decide what is set.
   *
   * @param {any} owner
   * @param {string} name
   * @param {(target: any, value: any, set: (value: any) => void) => void} change
   * @param {(target: any) => any} [shown] what to read instead
   */
  const property = (owner, name, change, shown) => {
    /** @type {any} */
    let native;
    while (owner && !(native = Object.getOwnPropertyDescriptor(owner, name))) owner = Object.getPrototypeOf(owner);
    if (!native?.set) return;
    Object.defineProperty(owner, name, {
      ...native,
      /** @this {any} */
      get() {
        return shown?.(this) ?? native.get.call(this);
      },
      /** @this {any} @param {any} value */
      set(value) {
        change(this, value, (it) => native.set.call(this, it));
      },
    });
  };

  // addresses of elements, as properties and as attributes
  for (const name in LOADS) {
    const prototype = Object.getPrototypeOf(document.createElement(name));
    for (const attribute of LOADS[name]) {
      property(
        prototype,
        attribute.replace('ges', 'geS'),
        (element, value, set) => keeper.attend(element, attribute, value) || set(value),
        (element) => keeper.waiting(element, attribute)?.toString(),
      );
    }
  }
  ['setAttribute', 'setAttributeNS'].forEach((name, at) =>
    method(Element.prototype, name, (element, args, go) => {
      if (!keeper.attend(element, String(args[at]).toLowerCase(), args[at + 1])) go(args);
    }),
  );

  // elements that got their addresses elsewhere: cloned, imported, parsed aside; outside the page nothing runs
  each(method, [
    ['appendChild insertBefore replaceChild', Node],
    ['append prepend replaceChildren', Element, Document, DocumentFragment],
    ['before after replaceWith', Element, CharacterData],
    ['insertAdjacentElement', Element],
    ['insertNode', Range],
  ], (target, /** @type {any[]} */ args, go) => {
    const nodes = target.isConnected === false ? [] : args.filter((one) => one?.nodeType);
    nodes.forEach(keeper.inspectTree);
    const result = go(args);
    nodes.forEach((node) => guardFrames(node, keeper));
    return result;
  });

  /**
   * Text that becomes elements: what would load is parked in it, and waits as an element as soon as it is one.
   *
   * @param {any} target
   * @param {any[]} args
   * @param {(args: any[]) => any} go
   */
  const pour = (target, args, go) => {
    const place = target.parentNode || target;
    const safe = args.map((arg) => {
      const html = String(arg);
      const harmless = defuse(html, keeper.bars);
      return harmless === html ? arg : trusted('createHTML', harmless);
    });
    const result = go(safe);
    if (safe.some((arg, at) => arg !== args[at])) keeper.inspectTree(result?.nodeType ? result : place);
    guardFrames(place, keeper);
    return result;
  };
  each(method, [
    ['insertAdjacentHTML', Element],
    ['setHTMLUnsafe', Element, ShadowRoot],
    ['createContextualFragment', Range],
    ['write writeln', Document],
  ], pour);
  each(property, [
    ['innerHTML', Element, ShadowRoot],
    ['outerHTML', Element],
  ], (target, value, set) => pour(target, [value], ([safe]) => set(safe)));

  // requests
  /** @param {any[]} args @param {number} [at] where the address stands */
  const diverted = (args, at = 0) => (keeper.bars(args[at]?.url || args[at]) ? Object.assign([...args], { [at]: NOWHERE }) : args);
  method(realm, 'fetch', (_, args, go) => go(diverted(args)));
  method(realm.XMLHttpRequest.prototype, 'open', (_, args, go) => go(diverted(args, 1)));
  for (const name of ['EventSource', 'WebSocket', 'Worker', 'SharedWorker']) {
    if (realm[name]) realm[name] = new Proxy(realm[name], { construct: (native, args, target) => Reflect.construct(native, diverted(args), target) });
  }
  method(realm.Navigator.prototype, 'sendBeacon', (_, args, go) => !keeper.bars(args[0]) && go(args));

  // what stays in the browser
  property(Document.prototype, 'cookie', (_, value, set) => {
    if (!keeper.barsName(String(value).split(/[=;]/)[0].trim())) set(value);
  });
  method(realm.CookieStore?.prototype, 'set', async (_, args, go) => keeper.barsName(args[0].name || args[0]) || go(args));
  method(realm.Storage.prototype, 'setItem', (_, args, go) => {
    if (!keeper.barsName(String(args[0]))) go(args);
  });

  // the other realms
  for (const name of ['contentDocument', 'contentWindow']) {
    const native = /** @type {any} */ (Object.getOwnPropertyDescriptor(realm.HTMLIFrameElement.prototype, name));
    documentOf = documentOf || native.get;
    Object.defineProperty(realm.HTMLIFrameElement.prototype, name, {
      ...native,
      get() {
        guardFrames(/** @type {any} */ (this), keeper);
        return native.get.call(this);
      },
    });
  }

  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        keeper.inspectTree(node);
        guardFrames(node, keeper);
        watch(/** @type {Element} */ (node).shadowRoot);
      }
    }
  });
  const watch = (/** @type {Node | null} */ root) => {
    if (!root) return;
    observer.observe(root, { childList: true, subtree: true });
    keeper.inspectTree(root);
  };
  watch(document);
};

/**
 * Patch the members of several classes alike.
 *
 * @param {(owner: any, name: string, change: any) => void} patch
 * @param {any[][]} table names, then their classes
 * @param {(target: any, given: any, go: (given: any) => any) => any} change
 */
const each = (patch, table, change) => {
  for (const [names, ...owners] of table) for (const name of names.split(' ')) for (const { prototype } of owners) patch(prototype, name, change);
};

const guarded = new WeakSet();

/** The unpatched way to a frame's document. @type {any} */
let documentOf;

/**
 * Guard the frames in a tree whose documents this page may touch.
 *
 * @param {Node} node
 * @param {Keeper} keeper
 */
const guardFrames = (node, keeper) => {
  for (const frame of [node, .../** @type {any} */ (node).querySelectorAll?.('iframe') || []]) {
    if (frame.localName === 'iframe') guard(documentOf.call(frame)?.defaultView, keeper);
  }
};
