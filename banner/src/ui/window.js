/** @import {Door, Layer, Optional, Shown, WindowConfig} from '../types.js' */
import { askLayer } from './ask.js';
import { hostOf } from './host.js';
import { panelLayer } from './panel.js';

/**
 * The window: asks, shows the panel, hands what the visitor chose through the door, and is gone.
 *
 * @param {WindowConfig} config
 * @param {Door} door
 * @returns {Shown}
 */
export const windowOf = (config, door) => {
  /** @param {Layer} layer @returns {(given: Optional[], event: Event) => void} */
  const through = (layer) => (given, event) => {
    // nothing that a script does closes the window either
    if (event.isTrusted) {
      hide();
      door.choose(given, event, layer);
    }
  };

  const build = () => {
    const root = hostOf(config);
    const ask = askLayer(config, {
      choose: through(config.layout === 'modal' ? 'dialog' : 'banner'),
      customise: () => show(true),
    });
    const panel = panelLayer(config, {
      choose: through('panel'),
      closed: () => door.decided() || ask.open(true),
    });
    ask.layer.hidden = true;
    root.append(ask.layer, panel.layer);
    return { ask, panel };
  };

  /** @type {ReturnType<typeof build> | undefined} */
  let built;

  const hide = () => {
    built?.panel.close();
    built?.ask.close();
  };

  const show = (/** @type {boolean} */ wanted) => {
    built = built || build();
    if (!wanted) return built.ask.open(false);
    built.ask.close();
    built.panel.open(door.decided() ? door.allowed() : door.switchedOn);
  };

  const ready = new Promise((done) => (document.body ? done(0) : document.addEventListener('DOMContentLoaded', done)));
  return {
    show: (panel) => void ready.then(() => show(panel)),
    hide,
  };
};
