import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configFrom } from '../src/gate/config.js';

const GOOD = {
  site: 'pk_4k7w2c9d3n5r_main', version: 3, epoch: 2, build: '0'.repeat(64), api: 'https://api.example/v1', base: 'https://cdn.example/s/',
  regime: { id: 'opt-in', model: 'opt-in', reprompt_days: 180, gpc: true }, languages: ['en'], layout: 'bar', default: [], unknown: 'block',
  hosts: { necessary: [], performance: [], functional: [], targeting: [] }, cookies: [], signals: ['google'],
};

test('a whole config is taken as it is', () => {
  assert.equal(configFrom(GOOD), GOOD);
});

for (const [what, hole] of [
  ['an unfilled hole', '__CONSENTINEL__'],
  ['nothing', undefined],
  ['null', null],
  ['a number', 7],
  ...['api', 'base', 'regime', 'hosts', 'cookies', 'languages', 'signals'].map((member) => [`no ${member}`, { ...GOOD, [member]: undefined }]),
  ['an address that is none', { ...GOOD, base: 'https://[' }],
  ['cookies that are no list', { ...GOOD, cookies: {} }],
]) {
  test(`${what}: nobody is asked, and nothing is allowed`, () => {
    const { regime, languages, hosts, unknown } = configFrom(hole);

    assert.deepEqual([languages, hosts], [[], {}]);
    assert.notEqual(regime.model, 'opt-out');
    assert.notEqual(unknown, 'report');
  });
}
