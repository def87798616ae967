import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTIONAL } from '../src/decision.js';
import { SIGNALS, consentMode } from '../src/signals/google.js';
import { sendsGpc } from '../src/signals/gpc.js';

test('without a choice Google is told no to everything but security', () => {
  assert.deepEqual(consentMode([]), {
    security_storage: 'granted',
    analytics_storage: 'denied',
    functionality_storage: 'denied',
    personalization_storage: 'denied',
    ad_storage: 'denied',
    ad_user_data: 'denied',
    ad_personalization: 'denied',
  });
});

test('each category grants its own signals and no other', () => {
  for (const category of OPTIONAL) {
    const granted = Object.entries(consentMode([category])).filter(([, state]) => state === 'granted').map(([name]) => name);

    assert.deepEqual(granted, ['security_storage', ...SIGNALS[category]]);
  }
});

test('of Global Privacy Control only the value of the specification counts', () => {
  assert.equal(sendsGpc({ globalPrivacyControl: true }), true);
  for (const value of [undefined, false, '1', 1]) assert.equal(sendsGpc({ globalPrivacyControl: value }), false);
});
