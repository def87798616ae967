import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifier, passes, registrable } from '../src/gate/verdict.js';

const HOSTS = { necessary: ['js.stripe.com'], performance: ['google-analytics.com', 'stats.shop.example'], functional: [], targeting: ['facebook.net'] };
const classify = classifier(HOSTS, ['cdn.consentinel.example'], 'www.shop.example', () => 'https://www.shop.example/a/', (domain) => domain === 'shop.example');

for (const [url, verdict] of [
  ['https://region1.google-analytics.com/g/collect', 'performance'],
  ['//connect.facebook.net/en_US/fbevents.js', 'targeting'],
  ['https://js.stripe.com/v3/', 'necessary'],
  ['wss://socket.facebook.net/', 'targeting'],
  ['https://stranger.example/pixel.gif', 'unknown'],
  ['https://CONNECT.FACEBOOK.NET./x', 'targeting'],
  ['\thttps://connect.facebook.net/x', 'targeting'],
  ['/own.js', 'necessary'],
  ['own.js', 'necessary'],
  ['https://www.shop.example/own.js', 'necessary'],
  ['https://img.shop.example/own.png', 'necessary'],
  ['https://stats.shop.example/matomo.js', 'performance'],
  ['https://cdn.consentinel.example/window.en.js', 'necessary'],
  ['data:image/gif;base64,R0lGODlhAQABAAAAACw=', 'necessary'],
  ['blob:https://www.shop.example/5f0a', 'necessary'],
  ['about:blank', 'necessary'],
  ['javascript:void 0', 'necessary'],
  ['https://', 'necessary'],
  ['', 'necessary'],
]) {
  test(`${JSON.stringify(url)} is ${verdict}`, () => assert.equal(classify(url), verdict));
}

test('a neighbour under the same public suffix is a stranger', () => {
  const shop = classifier(HOSTS, [], 'ann.pages.example', () => 'https://ann.pages.example/', () => false);

  assert.equal(shop('https://bob.pages.example/x.js'), 'unknown');
  assert.equal(shop('https://ann.pages.example/x.js'), 'necessary');
});

test('what a relative address is relative to counts', () => {
  const moved = classifier(HOSTS, [], 'www.shop.example', () => 'https://connect.facebook.net/', () => false);

  assert.equal(moved('en_US/fbevents.js'), 'targeting');
});

/** A browser that takes cookies for one domain only. */
const browserOf = (domain) => {
  let jar = 'session=1';
  const writes = [];
  return {
    writes,
    get: () => jar,
    set: (cookie) => {
      writes.push(cookie);
      if (cookie.includes('Domain=' + domain)) jar = cookie.includes('Max-Age=0') ? 'session=1' : 'session=1; consentinel_probe=1';
    },
  };
};

test('a domain is registrable if the browser takes a cookie for it, and the cookie is gone at once', () => {
  const browser = browserOf('shop.example');
  const isOurs = registrable(browser);

  assert.equal(isOurs('shop.example'), true);
  assert.equal(isOurs('co.uk'), false);
  assert.equal(browser.get(), 'session=1');
});

test('the browser is asked once for each domain', () => {
  const browser = browserOf('shop.example');
  const isOurs = registrable(browser);

  isOurs('shop.example');
  isOurs('shop.example');

  assert.equal(browser.writes.length, 2);
});

test('a verdict passes if its category was given', () => {
  assert.equal(passes('necessary', [], 'block'), true);
  assert.equal(passes('performance', [], 'block'), false);
  assert.equal(passes('performance', ['performance'], 'block'), true);
  assert.equal(passes('targeting', ['performance'], 'block'), false);
  assert.equal(passes('marketing', ['performance', 'functional', 'targeting'], 'block'), false);
});

test('a stranger passes where the site only reports, or when everything was given', () => {
  assert.equal(passes('unknown', [], 'report'), true);
  assert.equal(passes('unknown', ['performance', 'functional'], 'block'), false);
  assert.equal(passes('unknown', ['performance', 'functional', 'targeting'], 'block'), true);
  assert.equal(passes('unknown', [], undefined), false);
});
