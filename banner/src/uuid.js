/**
 * A UUIDv7 (RFC 9562, 5.7): the time in milliseconds, then randomness.
 *
 * @param {number} now in Unix milliseconds
 * @param {Uint8Array} random ten random bytes
 */
export const uuid7 = (now, random) => {
  let hex = now.toString(16).padStart(12, '0');
  random.forEach((byte, index) => {
    const marked = index === 0 ? (byte & 15) | 112 : index === 2 ? (byte & 63) | 128 : byte;
    hex += marked.toString(16).padStart(2, '0');
  });
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
