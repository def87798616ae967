/** @import {Bytes} from './types.js' */
import { Unreadable } from './verdict.js';

const [END, CENTRAL, LOCAL, LOCATOR] = [0x06054b50, 0x02014b50, 0x04034b50, 0x07064b50];
const MAX_ENTRIES = 5000;
const MAX_ENTRY = 20_000_000;
const MAX_UNPACKED = 100_000_000;

/** @typedef {{ name: string, method: number, flags: number, crc: number, packed: number, size: number, start: number }} Entry */

/**
 * The files of a ZIP archive, stored or deflated, one after the other; within limits, so that a small archive cannot become a
 * huge one.
 *
 * @param {Bytes} bytes
 * @returns {AsyncGenerator<{ name: string, content: Bytes }>}
 */
export async function* unzipped(bytes) {
  for (const entry of entriesOf(bytes)) yield { name: entry.name, content: await contentOf(entry, bytes) };
}

/** @param {Bytes} bytes */
const entriesOf = (bytes) => {
  try {
    const directory = directoryOf(bytes);
    if (directory.length && Math.min(...directory.map(({ start }) => start)) !== 0) throw new Unreadable('zip');
    const entries = directory.filter(({ name }) => !name.endsWith('/'));
    check(entries);
    return entries;
  } catch (error) {
    if (error instanceof RangeError) throw new Unreadable('zip'); // read beyond the end
    throw error;
  }
};

/** @param {Bytes} bytes */
const directoryOf = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = endOf(view);
  const [count, size, start] = [view.getUint16(end + 10, true), view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  if (start + size !== end || view.getUint32(end + 4, true) !== 0) throw new Unreadable('zip');
  if (end >= 20 && view.getUint32(end - 20, true) === LOCATOR) throw new Unreadable('zip'); // ZIP64
  /** @type {Entry[]} */
  const entries = [];
  for (let at = start; at < end; ) {
    if (view.getUint32(at, true) !== CENTRAL) throw new Unreadable('zip');
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    entries.push(entryOf(view, at, nameOf(bytes, at + 46, name)));
    at += 46 + name + extra + comment;
  }
  if (entries.length !== count) throw new Unreadable('zip');
  return entries;
};

/** @param {DataView} view */
const endOf = (view) => {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === END && view.getUint16(at + 20, true) === view.byteLength - at - 22) return at;
  }
  throw new Unreadable('zip');
};

/**
 * @param {Bytes} bytes
 * @param {number} at
 * @param {number} length
 */
const nameOf = (bytes, at, length) => {
  const name = String.fromCharCode(...bytes.subarray(at, at + length));
  if (/[^ -~]/.test(name)) throw new Unreadable('zip');
  return name;
};

/**
 * @param {DataView} view
 * @param {number} at
 * @param {string} name
 * @returns {Entry}
 */
const entryOf = (view, at, name) => {
  const [crc, packed, size] = [16, 20, 24].map((offset) => view.getUint32(at + offset, true));
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  return { name, flags, method, crc, packed, size, start: view.getUint32(at + 42, true) };
};

/** @param {Entry[]} entries */
const check = (entries) => {
  const unpacked = entries.reduce((sum, { size }) => sum + size, 0);
  if (entries.length > MAX_ENTRIES || unpacked > MAX_UNPACKED) throw new Unreadable('pack_large');
  if (entries.some(({ size }) => size > MAX_ENTRY)) throw new Unreadable('pack_large');
  if (entries.some(({ flags, method }) => flags & 1 || ![0, 8].includes(method))) throw new Unreadable('zip');
  if (new Set(entries.map(({ name }) => name)).size !== entries.length) throw new Unreadable('pack_twice');
};

/**
 * @param {Entry} entry
 * @param {Bytes} bytes
 */
const contentOf = async (entry, bytes) => {
  const packed = packedOf(entry, bytes);
  const content = entry.method === 0 ? packed : await inflated(packed, entry.size);
  if (content.length !== entry.size || crc32(content) !== entry.crc) throw new Unreadable('zip');
  return content;
};

/**
 * @param {Entry} entry
 * @param {Bytes} bytes
 */
const packedOf = ({ name, start, packed }, bytes) => {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
    const [length, extra] = [view.getUint16(26, true), view.getUint16(28, true)];
    const from = start + 30 + length + extra;
    const local = view.getUint32(0, true) === LOCAL && nameOf(bytes, start + 30, length) === name;
    if (!local || from + packed > bytes.length) throw new Unreadable('zip');
    return bytes.subarray(from, from + packed);
  } catch (error) {
    if (error instanceof RangeError) throw new Unreadable('zip');
    throw error;
  }
};

/**
 * Stops as soon as there is more than was announced.
 *
 * @param {Bytes} packed
 * @param {number} size
 */
const inflated = async (packed, size) => {
  const content = new Uint8Array(size);
  let at = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (at + next.value.length > size) throw new Unreadable('zip');
      content.set(next.value, at);
      at += next.value.length;
    }
  } catch {
    await reader.cancel().catch(() => {}); // a broken stream has ended already
    throw new Unreadable('zip');
  }
  return content.subarray(0, at);
};

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param {Bytes} bytes */
const crc32 = (bytes) => ~bytes.reduce((crc, byte) => (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff], -1) >>> 0;
