/** What the page says to whoever opened it, and is answered with. */
const HELLO = 'consentinel:receipts';

/**
 * Open the page of the visitor's receipts beside the shop, and hand it the subject token whenever it asks: that window, while it is
 * on the CDN's origin, and nobody else. Where the browser opens none, nothing happens.
 *
 * @param {string} base address of the published version
 * @param {string} language
 * @param {() => string} subject the token, or '' where this browser has none
 */
export const openReceipts = (base, language, subject) => {
  const { href, origin } = new URL(`../receipts.html#${language}`, base);
  const page = open(href);
  addEventListener('message', (event) => {
    if (page && event.source === page && event.origin === origin && event.data === HELLO) page.postMessage({ [HELLO]: subject() }, origin);
  });
};
