/** Which attributes of which elements make the browser load something. @type {Record<string, string[]>} */
export const LOADS = {
  script: ['src', 'href', 'xlink:href'],
  img: ['src', 'srcset'],
  iframe: ['src'],
  frame: ['src'],
  link: ['href', 'imagesrcset'],
  embed: ['src'],
  object: ['data'],
  source: ['src', 'srcset'],
  video: ['src', 'poster'],
  audio: ['src'],
  track: ['src'],
  input: ['src'],
  image: ['href', 'xlink:href'],
  a: ['ping'],
  area: ['ping'],
};

/** The shop's own mark: the category that an element waits for. */
export const MARK = 'data-consentinel';

/** Before the name of an attribute that must not take effect yet. */
export const PARKED = MARK + '-';

const TAG = new RegExp(`<(${Object.keys(LOADS).join('|')})(?=[\\s/])("[^"]*"|'[^']*'|[^<>"'])*>`, 'gi');
const ATTRIBUTE = /([\s"'/])(src|srcset|imagesrcset|href|xlink:href|data|poster|ping)(\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)/gi;

/**
 * The URLs in an attribute's value: one, or several where it is a list.
 *
 * @param {string} attribute
 * @param {string} value
 */
export const urlsIn = (attribute, value) => (/srcset|ping/.test(attribute) ? value.split(/[\s,]+/) : [value]);

/**
 * Park the attributes that would load something held, so that the text can become elements. An element is judged again, with
 * all its attributes, as soon as it is in the page.
 *
 * @param {string} html
 * @param {(url: string) => boolean} bars
 */
export const defuse = (html, bars) =>
  html.replace(TAG, (tag, name) =>
    tag.replace(ATTRIBUTE, (whole, before, attribute, equals, value) =>
      LOADS[name.toLowerCase()].includes(attribute.toLowerCase()) &&
      urlsIn(attribute.toLowerCase(), value.replace(/^["']|["']$/g, '')).some(bars)
        ? before + PARKED + attribute + equals + value
        : whole,
    ),
  );
