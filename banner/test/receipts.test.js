import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { again } from '../src/receipts/again.js';
import { Refused, records } from '../src/receipts/api.js';
import { ask, passOf } from '../src/receipts/handover.js';
import { say } from '../src/receipts/words.js';
import bg from '../src/receipts/words/bg.js';
import en from '../src/receipts/words/en.js';
import verifier from '../src/verify/words/en.js';
import { openReceipts } from '../src/ui/receipts.js';

const SHOP = 'https://rosa.example';
const CDN = 'https://cdn.example';
const TOKEN = 'st1.wVcHi2dg_RQUjjGIciIMAA.pU1-x';
const CONFIG = { site: 'pk_a_main', api: 'https://api.example/v1', cdn: CDN, origins: [SHOP] };

/** A browser window as far as messages go. */
const windowOf = (opener = null) => {
  const listeners = [];
  const heard = [];
  return {
    opener,
    heard,
    addEventListener: (_, listener) => listeners.push(listener),
    postMessage: (data, target) => heard.push({ data, target }),
    receive: (event) => listeners.forEach((listener) => listener(event)),
  };
};

/** What the page made of the messages that came. */
const asked = (...events) => {
  const opener = windowOf();
  const page = windowOf(opener);
  const got = [];
  const foreign = [];
  const greet = ask(page, [SHOP], { got: (pass) => got.push(pass), foreign: (origin) => foreign.push(origin) });
  greet();
  for (const event of events) page.receive({ source: opener, origin: SHOP, data: { 'consentinel:receipts': TOKEN }, ...event });
  return { opener, got, foreign };
};

test('the page greets whoever opened it with nothing in it, and takes the token from a page of the site', () => {
  const { opener, got } = asked({});

  assert.deepEqual(opener.heard, [{ data: 'consentinel:receipts', target: '*' }]);
  assert.deepEqual(got, [{ token: TOKEN, shop: SHOP }]);
});

test('a token from another window, of another form or in another wrapping is none', () => {
  const hello = 'consentinel:receipts';
  const { got, foreign } = asked(
    { source: windowOf() },
    { source: null },
    ...['x', 'st1.', 'st1.a b', 'st1.a\nb', `st1.${'a'.repeat(201)}`].map((token) => ({ data: { [hello]: token } })),
    ...[null, undefined, TOKEN, { [hello]: 7 }, { token: TOKEN }].map((data) => ({ data })),
  );

  assert.deepEqual([got, foreign], [[], []]);
});

test('an opener that is no page of the site is told of, and not listened to', () => {
  for (const origin of ['https://evil.example', 'null', `${SHOP}.evil.example`, 'http://rosa.example']) {
    const { got, foreign } = asked({ origin });

    assert.deepEqual([got, foreign], [[], [origin]]);
  }
});

test('a browser without a record hands over that it has none', () => {
  assert.deepEqual(asked({ data: { 'consentinel:receipts': '' } }).got, [{ token: '', shop: SHOP }]);
});

test('a page that nobody opened asks nobody', () => {
  assert.equal(ask(windowOf(), [SHOP], { got: assert.fail, foreign: assert.fail }), null);
});

afterEach(() => {
  delete globalThis.open;
  delete globalThis.addEventListener;
  delete globalThis.fetch;
});

/** The shop's side: the window that was opened, and what was said to it. */
const opened = (page, subject = () => TOKEN) => {
  const shop = windowOf();
  const addresses = [];
  globalThis.addEventListener = shop.addEventListener;
  globalThis.open = (address) => (addresses.push(String(address)), page);
  openReceipts(`${CDN}/s/pk_a_main/${'f'.repeat(64)}/`, 'bg', subject);
  return { shop, addresses };
};

test('the shop opens the page of its site, without the token in the address', () => {
  assert.deepEqual(opened(windowOf()).addresses, [`${CDN}/s/pk_a_main/receipts.html#bg`]);
});

test('the shop answers the window that it opened, on the origin of the CDN, whenever that asks', () => {
  const page = windowOf();
  let token = TOKEN;
  const { shop } = opened(page, () => token);
  const hello = { source: page, origin: CDN, data: 'consentinel:receipts' };

  shop.receive(hello);
  token = '';
  shop.receive(hello);

  assert.deepEqual(page.heard, [TOKEN, ''].map((said) => ({ data: { 'consentinel:receipts': said }, target: CDN })));
});

test('the shop tells nobody else', () => {
  const page = windowOf();
  const { shop } = opened(page);
  const hello = { source: page, origin: CDN, data: 'consentinel:receipts' };
  const other = windowOf();

  for (const event of [{ source: other }, { source: null }, { origin: SHOP }, { origin: 'https://evil.example' }, { data: 'else' }, { data: null }]) {
    shop.receive({ ...hello, ...event });
  }

  assert.deepEqual([page.heard, other.heard], [[], []]);
});

test('where the browser opens no window nothing is said', () => {
  const { shop } = opened(null);

  shop.receive({ source: null, origin: CDN, data: 'consentinel:receipts' });

  assert.deepEqual(shop.heard, []);
});

test('a pass survives a reload, is of one site, and goes with null', () => {
  const kept = new Map();
  const storage = () => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) });
  const pass = { token: TOKEN, shop: SHOP };

  passOf(storage, 'a').write(pass);

  assert.deepEqual(passOf(storage, 'a').read(), pass);
  assert.equal(passOf(storage, 'b').read(), null);
  passOf(storage, 'a').write(null);
  assert.equal(passOf(storage, 'a').read(), null);
});

test('where storage is refused there is no pass, and no error', () => {
  const refused = () => {
    throw new DOMException('refused', 'SecurityError');
  };

  passOf(refused, 'a').write({ token: TOKEN, shop: SHOP });

  assert.equal(passOf(refused, 'a').read(), null);
});

/** The register's answer, and what it was asked. */
const answering = (status, body) => {
  const calls = [];
  globalThis.fetch = async (url, { headers }) => {
    calls.push({ url, headers });
    if (!status) throw new TypeError('Failed to fetch');
    return new Response(body, { status });
  };
  return calls;
};

test('the token travels in a header and stands in no address', async () => {
  const calls = answering(200, '{"records": [], "cursor": null}');

  await records(CONFIG, () => TOKEN).page('a cursor');

  assert.deepEqual(calls, [{ url: 'https://api.example/v1/me/consents?site=pk_a_main&cursor=a+cursor', headers: { Authorization: `Bearer ${TOKEN}` } }]);
});

test('a receipt is kept to the byte, and is promised until it has a proof', async () => {
  for (const [text, state] of [['{"proof": null, "name": "Мария"}', 'promised'], ['{"proof":"c2sp"}', 'complete']]) {
    answering(200, text);

    const fetched = await records(CONFIG, () => TOKEN).receipt('7');

    assert.equal(new TextDecoder().decode(fetched.bytes), text);
    assert.equal(fetched.state, state);
  }
});

test('an answer that is none is told like one that did not come', async () => {
  answering(200, '<html>Sign in to the network</html>');

  await assert.rejects(records(CONFIG, () => TOKEN).page(null), { word: 'busy' });
});

test('every refusal has a sentence', async () => {
  for (const [status, word, onLine] of [[0, 'unreachable', true], [0, 'offline', false], [401, 'unknown'], [403, 'not_set_up'], [404, 'none'], [410, 'gone'], [429, 'busy'], [500, 'busy'], [503, 'busy']]) {
    answering(status, '{}');
    Object.defineProperty(globalThis, 'navigator', { value: { onLine }, configurable: true });
    const told = await records(CONFIG, () => TOKEN).receipt('7').catch((error) => error);

    assert.ok(told instanceof Refused);
    assert.equal(told.word, word);
    assert.ok(word in en, word);
  }
});

/** Pauses as they would be waited for. */
const paced = async (looks, left = 100) => {
  const pauses = [];
  const later = (run, ms) => (pauses.push(ms), run());
  const done = await again(async () => looks-- > 1, { later, first: 10, most: 30, while: left });
  return { pauses, done };
};

test('looking again pauses longer each time, and ends when there is nothing left', async () => {
  assert.deepEqual(await paced(3), { pauses: [10, 15, 22.5], done: true });
});

test('looking again ends after a while', async () => {
  assert.deepEqual(await paced(Infinity), { pauses: [10, 15, 22.5, 30], done: false });
});

const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

test('both languages say everything, with the same places to fill', () => {
  assert.deepEqual(Object.keys(bg), Object.keys(en));
  for (const word of Object.keys(en)) {
    assert.deepEqual(places(bg[word]), places(en[word]), word);
    if (/[a-z]/.test(en[word].replace(/\{\w+\}/g, ''))) assert.notEqual(bg[word], en[word], word);
  }
});

test('every word that the page says is in its language or in the verifier\'s, and none is idle', () => {
  const folder = new URL('../src/receipts/', import.meta.url);
  const sources = readdirSync(folder).filter((name) => /\.(js|html)$/.test(name)).map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
  const said = [/say\(language, '(\w+)'/g, /sayInstead\('(\w+)'/g, /data-word="(\w+)"/g].flatMap((form) => [...sources.matchAll(form)].map(([, word]) => word));

  assert.ok(said.length > 20);
  assert.deepEqual(said.filter((word) => !(word in en) && !(word in verifier)), []);
  assert.deepEqual(Object.keys(en).filter((word) => !sources.includes(word)), []);
});

test('what the page has no words for the verifier may have', () => {
  assert.equal(say('en', 'of', { action: 'Download', act: say('en', 'act_given'), at: 'today' }), 'Download: Consent given, today');
  assert.equal(say('bg', 'act_given'), 'Дадено съгласие');
});
