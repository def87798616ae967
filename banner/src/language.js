/**
 * The language to speak: the page's, then the browser's, then the site's first.
 *
 * @param {string} page value of `<html lang>`
 * @param {readonly string[]} browser
 * @param {string[]} offered
 */
export const chooseLanguage = (page, browser, offered) => {
  for (const wish of [page, ...browser]) {
    const spoken = offered.find((language) => language === wish.toLowerCase().split(/[-_]/)[0]);
    if (spoken) return spoken;
  }
  return offered[0];
};
