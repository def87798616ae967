import { LOADS, defuse, urlsIn } from './markup.js';

/**
 * What the patches ask before they let the page go on.
 *
 * @typedef {{
 *   bars: (url: unknown) => boolean,
 *   barsName: (name: string, undeclared: boolean) => boolean,
 *   attend: (element: Element, attribute: string, value: string) => boolean,
 *   waiting: (element: Element, attribute: string) => string | undefined,
 *   inspectTree: (node: Node) => void
 * }} Keeper
 */

/** An address that every API refuses in its own way, without a request. */
const NOWHERE = 'about:invalid';

/** Property names that differ from their attribute's. @type {Record<string, string>} */
const PROPERTIES = { imagesrcset: 'imageSrcset' };

/**
 * Stand between a realm's scripts and everything they could reach others by. A frame without an address of its own is another
 * realm, guarded as soon as the page can touch it.
 *
 * @param {any} realm a window
 * @param {Keeper} keeper
 */
export const guard = (realm, keeper) => {
  if (!realm || guarded.has(realm)) return;
  guarded.add(realm);
  const { document, Element, Node, Document, Range, ShadowRoot, DocumentFragment, CharacterData } = realm;

  /**
   * Put `make`'s function in the place of a method.
   *
   * @param {any} owner
   * @param {string} name
   * @param {(native: Function) => (this: any, ...args: any[]) => any} make
   */
  const method = (owner, name, make) => {
    if (owner?.[name]) owner[name] = make(owner[name]);
  };

  /**
   * Put `change` before a property's setter; what it returns is set, undefined is not.
   *
   * @param {any} owner
   * @param {string} name
   * @param {(target: any, value: any) => any} change
   * @param {(target: any) => any} [shown] what to read instead
   */
  const property = (owner, name, change, shown) => {
    while (owner && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
    const native = owner && Object.getOwnPropertyDescriptor(owner, name);
    if (!native?.set) return;
    Object.defineProperty(owner, name, {
      ...native,
      get() {
        return (shown && shown(this)) ?? native.get?.call(this);
      },
      set(value) {
        const changed = change(this, value);
        if (changed !== undefined) native.set?.call(this, changed);
      },
    });
  };

  // addresses of elements, as properties and as attributes
  for (const name in LOADS) {
    const prototype = Object.getPrototypeOf(document.createElement(name));
    for (const attribute of LOADS[name]) {
      property(
        prototype,
        PROPERTIES[attribute] || attribute,
        (element, value) => (keeper.attend(element, attribute, String(value)) ? undefined : value),
        (element) => keeper.waiting(element, attribute),
      );
    }
  }
  method(Element.prototype, 'setAttribute', (native) => function (name, value) {
    if (!keeper.attend(this, String(name).toLowerCase(), String(value))) native.call(this, name, value);
  });
  method(Element.prototype, 'setAttributeNS', (native) => function (space, name, value) {
    if (!keeper.attend(this, String(name), String(value))) native.call(this, space, name, value);
  });

  // elements that got their addresses elsewhere: cloned, imported, parsed aside
  for (const [prototype, names] of /** @type {[any, string][]} */ ([
    [Node.prototype, 'appendChild insertBefore replaceChild'],
    ...[Element, Document, DocumentFragment].map(({ prototype }) => [prototype, 'append prepend replaceChildren']),
    ...[Element, CharacterData].map(({ prototype }) => [prototype, 'before after replaceWith']),
    [Element.prototype, 'insertAdjacentElement'],
    [Range.prototype, 'insertNode'],
  ])) {
    for (const name of names.split(' ')) {
      method(prototype, name, (native) => function (...args) {
        const nodes = args.filter((one) => one?.nodeType);
        nodes.forEach(keeper.inspectTree);
        const result = native.apply(this, args);
        nodes.forEach((node) => guardFrames(node, keeper));
        return result;
      });
    }
  }

  // text that becomes elements
  const disarmed = (/** @type {any} */ html) => {
    const text = String(html);
    const safe = defuse(text, (attribute, value) => urlsIn(attribute, value).some(keeper.bars));
    return safe === text ? html : trusted(realm, safe);
  };
  for (const [owner, name] of [[Element, 'innerHTML'], [Element, 'outerHTML'], [ShadowRoot, 'innerHTML']]) {
    property(owner.prototype, name, (_, value) => disarmed(value));
  }
  for (const [owner, name] of [
    [Element, 'insertAdjacentHTML'], [Element, 'setHTMLUnsafe'], [ShadowRoot, 'setHTMLUnsafe'],
    [Range, 'createContextualFragment'], [Document, 'write'], [Document, 'writeln'],
  ]) {
    method(owner.prototype, name, (native) => function (...args) {
      return native.apply(this, args.map((arg) => (/</.test(arg) ? disarmed(arg) : arg)));
    });
  }

  // requests
  /** @param {any} owner @param {string} name @param {number} at where the address stands */
  const divert = (owner, name, at) => {
    const change = (/** @type {any[]} */ args) => (keeper.bars(args[at]?.url || args[at]) ? Object.assign([...args], { [at]: NOWHERE }) : args);
    method(owner, name, (native) => new Proxy(native, {
      apply: (_, self, args) => Reflect.apply(native, self, change(args)),
      construct: (_, args, target) => Reflect.construct(native, change(args), target),
    }));
  };
  divert(realm, 'fetch', 0);
  divert(realm.XMLHttpRequest?.prototype, 'open', 1);
  for (const name of ['EventSource', 'WebSocket', 'Worker', 'SharedWorker']) divert(realm, name, 0);
  method(realm.Navigator.prototype, 'sendBeacon', (native) => function (url, data) {
    return !keeper.bars(url) && native.call(this, url, data);
  });

  // what stays in the browser
  property(Document.prototype, 'cookie', (_, value) => {
    const [, name, rest] = /^\s*([^=;]*)([^]*)/.exec(value) || [];
    const [, expires] = /;\s*expires=([^;]*)/i.exec(rest) || [];
    const goes = /;\s*max-age=\s*(0|-)/i.test(rest) || Date.parse(expires) < Date.now();
    return !goes && keeper.barsName(name.trim(), true) ? undefined : value;
  });
  method(realm.CookieStore?.prototype, 'set', (native) => async function (one, value) {
    if (!keeper.barsName(one.name || one, true)) return native.call(this, ...(value === undefined ? [one] : [one, value]));
  });
  method(realm.Storage.prototype, 'setItem', (native) => function (key, value) {
    if (!keeper.barsName(String(key), false)) native.call(this, key, value);
  });

  // the other realms
  const frame = realm.HTMLIFrameElement.prototype;
  for (const name of ['contentWindow', 'contentDocument']) {
    const native = Object.getOwnPropertyDescriptor(frame, name);
    if (!native?.get) continue;
    const { get } = native;
    if (name === 'contentDocument') documents.push(get);
    Object.defineProperty(frame, name, {
      ...native,
      get() {
        guardFrames(this, keeper);
        return get.call(this);
      },
    });
  }
  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        keeper.inspectTree(node);
        guardFrames(node, keeper);
      }
    }
  }).observe(document, { childList: true, subtree: true });
};

const guarded = new WeakSet();

/** The unpatched way to a frame's document. @type {(() => Document | null)[]} */
const documents = [];

/**
 * Guard the frames in a tree whose documents this page may touch.
 *
 * @param {Node} node
 * @param {Keeper} keeper
 */
const guardFrames = (node, keeper) => {
  if (node.nodeType !== 1) return;
  const element = /** @type {Element} */ (node);
  for (const frame of [element, ...element.querySelectorAll('iframe')]) {
    if (frame.localName === 'iframe') guard(documents[0].call(frame)?.defaultView, keeper);
  }
};

/**
 * Text for a page that takes only trusted HTML; a page that names no policy of ours gets none.
 *
 * @param {any} realm
 * @param {string} html
 */
const trusted = (realm, html) => {
  try {
    policy = policy || realm.trustedTypes?.createPolicy('consentinel', { createHTML: (/** @type {string} */ text) => text });
  } catch {
    // its security policy forbids ours: plain text is then refused, so nothing held gets in
  }
  return policy ? policy.createHTML(html) : html;
};

/** @type {any} */
let policy;
