/** @type {any} */
let policy;

/**
 * Text that a page with Trusted Types takes: markup that the page itself gave us as trusted, or an address of ours. A page whose
 * security policy does not name our policy gets plain text, which it refuses.
 *
 * @param {'createHTML' | 'createScriptURL'} kind
 * @param {string} text
 */
export const trusted = (kind, text) => {
  try {
    const same = (/** @type {string} */ it) => it;
    policy = policy || /** @type {any} */ (window).trustedTypes.createPolicy('consentinel', { createHTML: same, createScriptURL: same });
    return policy[kind](text);
  } catch {
    return text; // no Trusted Types, or not for us
  }
};
