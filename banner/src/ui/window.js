/** @import {Door, Gesture, Layer, Optional, Shown, WindowConfig} from '../types.js' */
import { actRecord } from './act.js';
import { askLayer } from './ask.js';
import { hostOf } from './host.js';
import { panelLayer } from './panel.js';
import { openReceipts } from './receipts.js';
import { reporter } from './reporter.js';

/**
 * The window: asks, shows the panel, hands what the visitor chose through the door, tells the register, and is gone.
 *
 * @param {WindowConfig} config
 * @param {Door} door
 * @returns {Shown}
 */
export const windowOf = (config, door) => {
  const { regime } = door.config;
  const { report, subject } = reporter(door.config);
  const receipts = () => openReceipts(door.config.base, config.language, subject);

  /** @param {Optional[]} given @param {Layer} layer @param {Gesture} gesture @param {Event} [event] */
  const choose = (given, layer, gesture, event) => {
    const chosen = door.choose(given, event);
    if (chosen) report(actRecord(door, { ...chosen, given, layer, gesture })).then(know);
  };

  /** @param {Layer} layer @returns {(given: Optional[], event: MouseEvent) => void} */
  const through = (layer) => (given, event) => {
    // nothing that a script does closes the window either
    if (!event.isTrusted) return;
    hide();
    choose(given, layer, event.detail ? 'button' : 'key', event);
  };

  const build = () => {
    const root = hostOf(config);
    const ask = askLayer(config, regime, {
      choose: through(config.layout === 'modal' ? 'dialog' : 'banner'),
      customise: () => show(true),
    });
    const panel = panelLayer(config, {
      choose: through('panel'),
      closed: () => door.decided() || ask.open(true),
      receipts,
    });
    ask.layer.hidden = true;
    root.append(ask.layer, panel.layer);
    return { ask, panel };
  };

  /** @type {ReturnType<typeof build> | undefined} */
  let built;

  const know = () => built?.panel.know(!!subject());

  const hide = () => {
    built?.panel.close();
    built?.ask.close();
  };

  const show = (/** @type {boolean} */ wanted) => {
    // a signal against it is the answer: kept and reported once, and nobody is asked
    if (!wanted && regime.model === 'opt-out' && regime.gpc && door.gpc) return choose([], 'signal', 'signal');
    built = built || build();
    if (!wanted) return built.ask.open(false);
    built.ask.close();
    know();
    built.panel.open(door.allowed());
  };

  const ready = new Promise((done) => (document.body ? done(0) : document.addEventListener('DOMContentLoaded', done)));
  return {
    show: (panel) => void ready.then(() => show(panel)),
    hide,
    receipts,
  };
};
