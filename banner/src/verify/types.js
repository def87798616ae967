/**
 * How a thing that was looked at stands: it holds, it does not, it was asked for and is not to be had from what is there, or this
 * file cannot tell and need not.
 *
 * @typedef {'holds' | 'fails' | 'unproven' | 'open'} Standing
 */

/** @typedef {Record<string, string | number>} Values */

/**
 * What was found at one check; `word` names its sentence, `record` is the record's id in a pack.
 *
 * @typedef {object} Finding
 * @property {string} check
 * @property {Standing} standing
 * @property {string} word
 * @property {Values} values
 * @property {string} [record]
 */

/**
 * @typedef {object} Verdict
 * @property {boolean} readable
 * @property {Finding[]} findings
 * @property {Shown[]} records
 */

/**
 * A record as it can be shown: what its leaf says, and what came with it.
 *
 * @typedef {object} Shown
 * @property {Record<string, any>} says
 * @property {Record<string, any> | null} personal
 * @property {string | null} text the text that was agreed to, where a pack has it
 */

/**
 * @typedef {object} Key
 * @property {string} name
 * @property {number} algorithm
 * @property {Bytes} public
 * @property {string} id hexadecimal
 * @property {string} text
 */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * @typedef {object} Checkpoint
 * @property {string} origin
 * @property {number} size
 * @property {Bytes} root
 * @property {number | null} at milliseconds
 */

/**
 * What the person who checks has from elsewhere.
 *
 * @typedef {object} Brought
 * @property {Key[]} keys
 * @property {string | null} checkpoint
 * @property {Bytes[] | null} consistency
 */

/** @typedef {{ kind: string, checkpoint: string, token: string, consistency: string[] }} Anchor */

/**
 * @typedef {object} Receipt
 * @property {Bytes} leaf
 * @property {Record<string, any>} says
 * @property {string} leafHash
 * @property {string} note
 * @property {string | null} proof
 * @property {{ receipt: string, log?: string }} keys
 * @property {Anchor[]} anchors
 * @property {{ personal: Record<string, any>, salt: string } | null} opening
 */

export {};
