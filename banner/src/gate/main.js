import { decide } from './choice.js';
import { configFrom } from './config.js';
import { protect } from './protect.js';
import { publish } from './public.js';

// the tag may stand twice in a page; the first one holds (an element of this id is no gate)
if (!Object.getOwnPropertyDescriptor(window, 'consentinel')) {
  const config = configFrom('__CONSENTINEL__');
  publish(config, decide(config, protect(config)));
}
