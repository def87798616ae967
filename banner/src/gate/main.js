import { decide } from './choice.js';
import { configFrom } from './config.js';
import { protect } from './protect.js';
import { publish } from './public.js';

// the tag may stand twice in a page; the first one holds (an element of this id is no gate)
if (!Object.getOwnPropertyDescriptor(window, 'consentinel')) {
  const tag = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!tag || tag.async || tag.defer) {
    console.warn('Consentinel: put its tag first, without async or defer');
  }
  const config = configFrom('__CONSENTINEL__');
  publish(config, decide(config, protect(config)));
}
