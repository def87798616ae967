/**
 * An element with its attributes and children; text becomes text, never markup. A function is a click's listener, `true` an empty
 * attribute; what is false or missing is left out.
 *
 * @param {string} name
 * @param {Record<string, string | boolean | undefined | ((event: MouseEvent) => void)>} [attributes]
 * @param {...(Node | string | false | undefined)} children
 */
export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, /** @type {EventListener} */ (value));
    else if (value || value === '') made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== false && child !== undefined));
  return made;
};
