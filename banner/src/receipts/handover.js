/** What this page says to whoever opened it, and is answered with; banner/src/ui/receipts.js is the other side. */
const HELLO = 'consentinel:receipts';
const TOKEN = /^st1\.[\w.-]{1,200}$/;

/** What this tab is allowed to read, and the shop that said so. @typedef {{ token: string, shop: string }} Pass */

/**
 * Ask the page that opened this one for the visitor's subject token. Only that window is listened to, and only while it is on an
 * origin of the site; a browser without a record has the token ''.
 *
 * @param {Pick<Window, 'opener' | 'addEventListener'>} world
 * @param {string[]} origins
 * @param {{ got: (pass: Pass) => void, foreign: (origin: string) => void }} then
 * @returns {(() => void) | null} asks, once more each time; null where there is nobody to ask
 */
export const ask = (world, origins, { got, foreign }) => {
  const { opener } = world;
  if (!opener) return null;
  world.addEventListener('message', (event) => {
    const { source, origin, data } = /** @type {MessageEvent} */ (event);
    const token = data?.[HELLO];
    if (source !== opener || typeof token !== 'string') return;
    if (!origins.includes(origin)) foreign(origin);
    else if (token === '' || TOKEN.test(token)) got({ token, shop: origin });
  });
  // there is nothing in it, and where the opener is by now nobody can know
  return () => opener.postMessage(HELLO, '*');
};

/**
 * The pass of this tab, so that a reload does not lose it: gone when the tab is closed, and where storage is refused as soon as the
 * page is.
 *
 * @param {() => Storage} storage
 * @param {string} site
 */
export const passOf = (storage, site) => {
  const key = `consentinel.receipts.${site}`;
  return {
    /** @returns {Pass | null} */
    read: () => {
      try {
        return JSON.parse(storage().getItem(key) || 'null');
      } catch {
        return null; // storage is refused
      }
    },
    /** @param {Pass | null} pass */
    write: (pass) => {
      try {
        if (pass) storage().setItem(key, JSON.stringify(pass));
        else storage().removeItem(key);
      } catch {
        // storage is refused
      }
    },
  };
};
