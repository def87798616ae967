import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defuse, urlsIn } from '../src/gate/markup.js';

const bars = (url) => url.includes('tracker');

for (const [what, html, expected] of [
  ['a script', '<script src="https://tracker/x.js"></script>', '<script data-consentinel-src="https://tracker/x.js"></script>'],
  ['single quotes', "<img src='https://tracker/x.gif'>", "<img data-consentinel-src='https://tracker/x.gif'>"],
  ['no quotes', '<img src=https://tracker/x.gif alt>', '<img data-consentinel-src=https://tracker/x.gif alt>'],
  ['capitals', '<IMG SRC="https://tracker/x.gif">', '<IMG data-consentinel-SRC="https://tracker/x.gif">'],
  ['slashes for spaces', '<img/src="https://tracker/x.gif"/>', '<img/data-consentinel-src="https://tracker/x.gif"/>'],
  ['line breaks', '<img\nalt=""\nsrc = "https://tracker/x.gif">', '<img\nalt=""\ndata-consentinel-src = "https://tracker/x.gif">'],
  ['one of several in a list', '<img srcset="/a.png 1x, https://tracker/b.png 2x">', '<img data-consentinel-srcset="/a.png 1x, https://tracker/b.png 2x">'],
  ['an angle bracket in a value', '<img alt="a > b" src="https://tracker/x.gif">', '<img alt="a > b" data-consentinel-src="https://tracker/x.gif">'],
  ['a poster', '<video poster="//tracker/p.png" src="/own.mp4">', '<video data-consentinel-poster="//tracker/p.png" src="/own.mp4">'],
  ['svg', '<svg><image xlink:href="https://tracker/x.png"/></svg>', '<svg><image data-consentinel-xlink:href="https://tracker/x.png"/></svg>'],
]) {
  test(`an address that is held is parked: ${what}`, () => assert.equal(defuse(html, bars), expected));
}

for (const html of [
  '<script src="/own.js"></script>',
  '<a href="https://tracker/">a link is no load</a>',
  '<p data-src="https://tracker/x.gif">src="https://tracker/x.gif"</p>',
  '<img-viewer src="https://tracker/x.gif"></img-viewer>',
  '<b>1 < 2 & "3"</b>',
  '',
]) {
  test(`what loads nothing held stays as it is: ${html}`, () => assert.equal(defuse(html, bars), html));
}

test('a long text without an end is read in no time', () => {
  const html = '<img '.repeat(2e4) + '"';
  const before = performance.now();

  defuse(html, bars);

  assert.ok(performance.now() - before < 2000);
});

test('a list has several addresses, everything else one', () => {
  assert.deepEqual(urlsIn('srcset', '/a.png 1x, /b.png 2x'), ['/a.png', '1x', '/b.png', '2x']);
  assert.deepEqual(urlsIn('ping', 'https://a/ https://b/'), ['https://a/', 'https://b/']);
  assert.deepEqual(urlsIn('src', '/a b.png'), ['/a b.png']);
});
