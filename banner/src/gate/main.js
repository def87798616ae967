import { configFrom } from './config.js';
import { protect } from './protect.js';
import { decide } from './choice.js';
import { publish } from './public.js';

// the tag may stand twice in a page; the first one holds
if (!('consentinel' in window)) {
  const config = configFrom('__CONSENTINEL__');
  const shield = protect(config);
  publish(config, decide(config, shield));
}
