import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuid7 } from '../src/uuid.js';

test('the example of RFC 9562, A.6, comes out', () => {
  const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);

  assert.equal(uuid7(0x017f22e279b0, random), '017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('version and variant are set whatever the randomness', () => {
  for (const byte of [0, 255]) {
    assert.match(uuid7(Date.UTC(2026, 2, 1), new Uint8Array(10).fill(byte)), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test('a later id sorts after an earlier one', () => {
  const full = new Uint8Array(10).fill(255);
  const empty = new Uint8Array(10);

  assert.ok(uuid7(1764000000001, empty) > uuid7(1764000000000, full));
});
