/**
 * Global Privacy Control: only the value the specification names counts.
 *
 * @param {Navigator} navigator
 */
export const sendsGpc = (navigator) => /** @type {any} */ (navigator).globalPrivacyControl === true;
