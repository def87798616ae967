import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredCategory, expiries, read } from '../src/jar.js';

test('a cookie is read by its whole name', () => {
  const jar = 'consentinel_x=1; xconsentinel=2; consentinel=1.1.1.a.-; other=3';

  assert.equal(read(jar, 'consentinel'), '1.1.1.a.-');
  assert.equal(read(jar, 'missing'), '');
  assert.equal(read('', 'consentinel'), '');
});

test('a value may hold equals signs', () => {
  assert.equal(read('a=b=c==', 'a'), 'b=c==');
});

const RULES = [
  ['_ga', 'prefix', 'performance'],
  ['_ga_ads', 'prefix', 'targeting'],
  ['_ga_ads_off', 'exact', 'necessary'],
];

test('an exact name wins over a prefix, a longer prefix over a shorter', () => {
  assert.equal(declaredCategory(RULES, '_ga'), 'performance');
  assert.equal(declaredCategory(RULES, '_ga_X1'), 'performance');
  assert.equal(declaredCategory(RULES, '_ga_ads_1'), 'targeting');
  assert.equal(declaredCategory(RULES, '_ga_ads_off'), 'necessary');
  assert.equal(declaredCategory(RULES, '_gat'), 'performance');
  assert.equal(declaredCategory(RULES, 'cart'), undefined);
});

test('the order in which cookies were declared changes nothing', () => {
  for (const name of ['_ga', '_ga_ads_1', '_ga_ads_off', 'cart']) {
    assert.equal(declaredCategory([...RULES].reverse(), name), declaredCategory(RULES, name));
  }
});

test('a cookie is expired host-only and on every parent domain, on every step of the path', () => {
  const written = expiries('_ga', 'www.shop.example', '/a/b/');

  for (const domain of ['', ';Domain=www.shop.example', ';Domain=shop.example', ';Domain=example']) {
    for (const path of ['/', '/a', '/a/', '/a/b', '/a/b/']) {
      assert.ok(written.includes(`_ga=;Max-Age=0;Path=${path}${domain}`), `${path} ${domain}`);
    }
  }
  assert.equal(written.length, 20);
});

test('a cookie whose name demands Secure is expired with it', () => {
  assert.ok(expiries('__Secure-x', 'shop.example', '/').every((cookie) => cookie.endsWith(';Secure')));
  assert.ok(expiries('x', 'shop.example', '/').every((cookie) => !cookie.includes('Secure')));
});
