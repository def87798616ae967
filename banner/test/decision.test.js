import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTIONAL, actOf, allowedNow, allows, isValid, parse, serialise } from '../src/decision.js';

const DAY = 86400;
const NOW = 1764000000;
const OPT_IN = { id: 'opt-in', model: 'opt-in', reprompt_days: 180, gpc: true };
const OPT_OUT = { id: 'opt-out', model: 'opt-out', reprompt_days: 365, gpc: true };

const decision = (given, { at = NOW, epoch = 1, version = 1 } = {}) => ({ version, epoch, at, given });

test('a decision is written as the reference says', () => {
  assert.equal(serialise(decision(['targeting', 'performance'], { version: 3, epoch: 2 })), '1.3.2.t68n40.pt');
  assert.equal(serialise(decision([])), '1.1.1.t68n40.-');
});

test('every decision reads back as it was written', () => {
  for (let mask = 0; mask < 8; mask++) {
    const given = OPTIONAL.filter((_, bit) => mask & (1 << bit));

    assert.deepEqual(parse(serialise(decision(given, { version: 7, epoch: 4 }))), decision(given, { version: 7, epoch: 4 }));
  }
});

for (const text of ['', '-', '1.1.1.t68n40', '1.1.1.t68n40.', '1.1.1.t68n40.tp', '1.1.1.t68n40.pp', '1.1.1.t68n40.x', '2.1.1.t68n40.p',
  '1.1.1.T68N40.p', ' 1.1.1.t68n40.p', '1.1.1.t68n40.p ', '1.-1.1.t68n40.p', '1.1.1.t68n40.p;', '1.1.1.t68n40.p\n']) {
  test(`${JSON.stringify(text)} is no decision`, () => assert.equal(parse(text), null));
}

test('an undecided visitor has said no to everything but the necessary', () => {
  assert.equal(allows(null, 'necessary'), true);
  for (const category of OPTIONAL) assert.equal(allows(null, category), false);
});

test('a decision allows what it gave', () => {
  assert.equal(allows(decision(['functional']), 'functional'), true);
  assert.equal(allows(decision(['functional']), 'targeting'), false);
});

test('a decision stands until the interval is over, and not a second longer', () => {
  const config = { epoch: 1, regime: OPT_IN };

  assert.equal(isValid(decision([], { at: NOW - 180 * DAY + 1 }), config, NOW), true);
  assert.equal(isValid(decision([], { at: NOW - 180 * DAY }), config, NOW), false);
});

test('a decision of an older epoch does not stand, one of a newer does', () => {
  const config = { epoch: 2, regime: OPT_IN };

  assert.equal(isValid(decision([], { epoch: 1 }), config, NOW), false);
  assert.equal(isValid(decision([], { epoch: 3 }), config, NOW), true);
});

test('a decision from the future does not stand, but a day is forgiven', () => {
  const config = { epoch: 1, regime: OPT_IN };

  assert.equal(isValid(decision([], { at: NOW + DAY - 1 }), config, NOW), true);
  assert.equal(isValid(decision([], { at: NOW + DAY }), config, NOW), false);
});

const under = (regime) => ({ regime, default: regime === OPT_IN ? [] : ['performance', 'targeting'] });

test('under opt-in only a decision that stands allows anything', () => {
  assert.deepEqual(allowedNow(null, false, under(OPT_IN), false), []);
  assert.deepEqual(allowedNow(null, false, { regime: OPT_IN, default: OPTIONAL }, false), []);
  assert.deepEqual(allowedNow(decision(['performance']), false, under(OPT_IN), false), []);
  assert.deepEqual(allowedNow(decision(['performance']), true, under(OPT_IN), true), ['performance']);
});

test('under opt-out the undecided are allowed what is switched on, unless their browser says no', () => {
  const indifferent = { ...OPT_OUT, gpc: false };

  assert.deepEqual(allowedNow(null, false, under(OPT_OUT), false), ['performance', 'targeting']);
  assert.deepEqual(allowedNow(null, false, { regime: OPT_OUT, default: [] }, false), []);
  assert.deepEqual(allowedNow(null, false, under(OPT_OUT), true), []);
  assert.deepEqual(allowedNow(null, false, under(indifferent), true), ['performance', 'targeting']);
});

test('under opt-out a refusal that has run out is still a refusal', () => {
  assert.deepEqual(allowedNow(decision([]), false, under(OPT_OUT), false), []);
});

test('an explicit choice wins over the signal', () => {
  assert.deepEqual(allowedNow(decision(['targeting']), true, under(OPT_OUT), true), ['targeting']);
});

test('an act is named by what it changes', () => {
  const all = [...OPTIONAL];

  assert.equal(actOf(null, all), 'given');
  assert.equal(actOf(null, []), 'refused');
  assert.equal(actOf(null, ['functional']), 'partial');
  assert.equal(actOf(decision(all), all), 'renewed');
  assert.equal(actOf(decision(['performance']), ['performance']), 'renewed');
  assert.equal(actOf(decision(['performance']), ['performance', 'functional']), 'partial');
  assert.equal(actOf(decision(['performance']), all), 'given');
  assert.equal(actOf(decision([]), []), 'refused');
});

test('taking back anything is a withdrawal, even while giving something else', () => {
  assert.equal(actOf(decision(['performance']), []), 'withdrawn');
  assert.equal(actOf(decision(['performance']), ['targeting']), 'withdrawn');
});
