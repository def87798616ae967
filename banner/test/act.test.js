import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actRecord } from '../src/ui/act.js';

const DOOR = { config: { version: 3, build: 'b'.repeat(64) }, language: 'bg', gpc: false };

test('the register is told all four categories, what was shown and how it was answered', () => {
  const { id, at_client, ...rest } = actRecord(DOOR, { earlier: null, given: ['performance'], layer: 'panel', gesture: 'key' });

  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal(parseInt(id.replace('-', '').slice(0, 12), 16), at_client);
  assert.deepEqual(rest, {
    act: 'partial',
    section: 'banner',
    categories: { necessary: true, performance: true, functional: false, targeting: false },
    shown: { config: 3, build: 'b'.repeat(64), language: 'bg', gpc: false, layer: 'panel', gesture: 'key' },
  });
});

test('two acts have two ids', () => {
  const choice = { earlier: null, given: [], layer: 'banner', gesture: 'button' };

  assert.notEqual(actRecord(DOOR, choice).id, actRecord(DOOR, choice).id);
});
