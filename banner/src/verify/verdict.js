/** @import {Finding, Standing, Values, Verdict} from './types.js' */

/** It is not a receipt or a pack, or what was brought along cannot be read; `word` names the sentence. */
export class Unreadable extends Error {
  /** @param {string} word */
  constructor(word) {
    super(word);
    this.word = word;
  }
}

/** Something that is there does not hold. */
export class Fails extends Error {
  /**
   * @param {string} word
   * @param {Values} [values]
   */
  constructor(word, values = {}) {
    super(word);
    this.word = word;
    this.values = values;
  }
}

/** This browser cannot check it. */
export class Unsupported extends Error {}

/** Findings as they are made; what fails inside a check becomes one, and the other checks go on. */
export class Findings {
  /** @type {Finding[]} */
  made = [];

  /**
   * @param {string} check
   * @param {Standing} standing
   * @param {string} word
   * @param {Values} [values]
   */
  add(check, standing, word, values = {}) {
    this.made.push({ check, standing, word, values });
  }

  /**
   * @param {string} check
   * @param {() => Promise<void>} work
   */
  async checking(check, work) {
    try {
      await work();
    } catch (error) {
      if (error instanceof Unsupported) this.add(check, 'unproven', 'ed25519');
      else if (error instanceof Fails) this.add(check, 'fails', error.word, error.values);
      else throw error;
    }
  }

  /**
   * @param {string} check
   * @param {Standing} standing
   */
  has(check, standing) {
    return this.made.some((finding) => finding.check === check && finding.standing === standing);
  }
}

/**
 * The verdict on what cannot be checked; `word` names the sentence that says why.
 *
 * @param {string} word
 * @returns {Verdict}
 */
export const unreadable = (word) => ({ readable: false, findings: [{ check: 'unreadable', standing: 'fails', word, values: {} }], records: [] });

/** @param {Verdict} verdict */
export const exitOf = ({ readable, findings }) => {
  if (!readable) return 2;
  return findings.some(({ standing }) => standing === 'fails' || standing === 'unproven') ? 1 : 0;
};
