/**
 * The words of the storefront as types; no code.
 *
 * @typedef {'necessary' | 'performance' | 'functional' | 'targeting'} Category
 * @typedef {'performance' | 'functional' | 'targeting'} Optional
 *
 * What the visitor chose; `at` is in Unix seconds.
 * @typedef {{version: number, epoch: number, at: number, given: Optional[]}} Decision
 *
 * The rules the visitor is under, chosen at the edge from the viewer's country.
 * @typedef {{id: string, model: 'opt-in' | 'opt-out', reprompt_days: number, gpc: boolean}} Regime
 *
 * A declared cookie or storage key: its name, how it is matched, whose it is.
 * @typedef {[name: string, match: 'exact' | 'prefix', category: Category]} CookieRule
 *
 * @typedef {'given' | 'refused' | 'partial' | 'withdrawn' | 'renewed'} Act
 * @typedef {'banner' | 'dialog' | 'panel' | 'page' | 'signal'} Layer
 * @typedef {'button' | 'link' | 'key' | 'signal'} Gesture
 *
 * What publishing puts into the hole of gate.js.
 * @typedef {{
 *   site: string, version: number, epoch: number, build: string, api: string, base: string,
 *   regime: Regime, languages: string[], labels?: Record<string, string>, layout: 'bar' | 'modal', default: Optional[],
 *   unknown: 'block' | 'report', hosts: Record<Category, string[]>, cookies: CookieRule[], signals: string[]
 * }} GateConfig
 *
 * @typedef {{name: string, provider: string, purpose: string, lifetime: string}} CookieDeclaration
 *
 * What publishing puts into the hole of window.js.
 * @typedef {{
 *   language: string, direction: 'ltr' | 'rtl', layout: 'bar' | 'modal', controller?: string,
 *   texts: Record<string, string>,
 *   categories: {id: Category, title: string, description: string, cookies: CookieDeclaration[]}[],
 *   links: {kind: string, title: string, url: string}[],
 *   theme: Record<string, string>
 * }} WindowConfig
 *
 * One entry of the outbox, as it is posted.
 * @typedef {{
 *   id: string, act: Act, section: 'banner', at_client: number,
 *   categories: Record<Category, boolean>,
 *   shown: {config: number, build: string, language: string, gpc: boolean, layer: Layer, gesture: Gesture}
 * }} ActRecord
 *
 * What the gate hands to the window, and to nobody else. `choose` answers with the decision before, or with undefined where it
 * was no act of the visitor's.
 * @typedef {{
 *   config: GateConfig, language: string, gpc: boolean, decided: () => boolean, allowed: () => Optional[],
 *   choose: (given: Optional[], event?: Event) => {earlier: Decision | null} | undefined
 * }} Door
 *
 * What the window hands back.
 * @typedef {{show: (panel: boolean) => void, hide: () => void, receipts: () => void}} Shown
 */
export {};
