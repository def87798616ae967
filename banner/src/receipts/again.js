/**
 * Look again and again with growing pauses, until there is nothing left to wait for or a while has passed.
 *
 * @param {() => Promise<boolean>} look tells whether to go on
 * @param {{ later: (run: () => void, ms: number) => void, first: number, most: number, while: number }} pace in milliseconds
 * @returns {Promise<boolean>} whether there is nothing left to wait for
 */
export const again = (look, { later, first, most, while: left }) =>
  new Promise((done) => {
    /** @param {number} pause @param {number} waited */
    const wait = (pause, waited) =>
      waited + pause > left
        ? done(false)
        : later(async () => {
            if (await look()) wait(Math.min(pause * 1.5, most), waited + pause);
            else done(true);
          }, pause);
    wait(first, 0);
  });
