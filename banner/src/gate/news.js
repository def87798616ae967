/**
 * Tell the page: an event on the document, `consentinel:` before its name.
 *
 * @param {string} name
 * @param {unknown} detail
 */
export const say = (name, detail) => document.dispatchEvent(new CustomEvent('consentinel:' + name, { detail }));
