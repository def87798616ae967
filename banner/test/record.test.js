import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { outbox } from '../src/record.js';

const NOW = 1764000000000;
const WEEK = 7 * 86400e3;
const record = (id, at_client = NOW) => ({ id, at_client, act: 'given' });

/** What a browser keeps between pages. */
const storageOf = () => {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, String(value)), kept };
};

/** One tab after another. */
const lock = () => {
  let last = Promise.resolve();
  return (run) => (last = last.catch(() => {}).then(run));
};

/**
 * A page's outbox with a register that answers with the statuses given, then with 201; 0 is no network.
 */
const pageOf = ({ storage = storageOf(), statuses = [], alone = lock(), now = () => NOW, answer = { subject_token: 'st1.a' } } = {}) => {
  const posted = [];
  const waiting = [];
  const box = outbox({
    storage,
    now,
    alone,
    random: () => new Uint8Array(16).fill(255),
    later: (run, ms) => waiting.push({ run, ms }),
    post: async (body) => {
      posted.push(JSON.parse(body));
      const status = statuses.length ? statuses.shift() : 201;
      if (!status) throw new TypeError('Failed to fetch');
      return { status, json: async () => answer };
    },
  });
  const left = () => JSON.parse(storage.getItem('consentinel.outbox') || '[]').map(({ id }) => id);
  return { ...box, posted, waiting, left, storage };
};

const ids = (posted) => posted.flatMap(({ acts }) => acts.map(({ id }) => id));

test('an act is posted once and leaves the outbox with a 201', async () => {
  const page = pageOf();

  await page.add(record('a'));

  assert.deepEqual(ids(page.posted), ['a']);
  assert.deepEqual(page.left(), []);
  assert.deepEqual(page.waiting, []);
});

test('a replay that the register knows already leaves the outbox too', async () => {
  const page = pageOf({ statuses: [200] });

  await page.add(record('a'));

  assert.deepEqual(page.left(), []);
});

test('the subject token of the answer goes with the next act', async () => {
  const page = pageOf();

  await page.add(record('a'));
  await page.add(record('b'));

  assert.deepEqual(page.posted.map(({ subject_token }) => subject_token), [undefined, 'st1.a']);
});

test('without a token the browser is known by a secret, the same on every try and every page until there is a token', async () => {
  const storage = storageOf();
  await pageOf({ storage, statuses: [503] }).add(record('a'));

  const page = pageOf({ storage, statuses: [201] });
  await page.flush();
  await page.add(record('b'));

  assert.deepEqual(page.posted.map(({ secret, subject_token }) => [secret, subject_token]), [
    ['_'.repeat(21) + 'w', undefined],
    [undefined, 'st1.a'],
  ]);
  assert.equal(storage.kept.get('consentinel.secret'), '_'.repeat(21) + 'w');
});

test('an act that met no network waits, survives the page, and is posted by the next one under its id', async () => {
  const storage = storageOf();
  const first = pageOf({ storage, statuses: [0] });
  await first.add(record('a'));
  assert.deepEqual(first.left(), ['a']);

  const second = pageOf({ storage });
  await second.flush();

  assert.deepEqual(ids(second.posted), ['a']);
  assert.deepEqual(second.left(), []);
});

for (const status of [500, 503, 408, 425, 429, 302, 401, 403, 404, 410]) {
  test(`${status} keeps the act and asks again later`, async () => {
    const page = pageOf({ statuses: [status] });

    await page.add(record('a'));
    assert.deepEqual(page.left(), ['a']);
    page.waiting[0].run();
    await page.flush();

    assert.deepEqual(ids(page.posted), ['a', 'a']);
    assert.deepEqual(page.left(), []);
  });
}

for (const status of [400, 409, 413, 415, 422]) {
  test(`${status} drops the act: asking again would change nothing`, async () => {
    const page = pageOf({ statuses: [status] });

    await page.add(record('a'));

    assert.deepEqual(page.left(), []);
    assert.deepEqual(page.waiting, []);
  });
}

for (const status of [401, 410]) {
  test(`${status} to a subject token forgets the token and enters the act without it`, async () => {
    const page = pageOf({ statuses: [201, status] });
    await page.add(record('a'));

    await page.add(record('b'));

    assert.deepEqual(page.posted.map(({ subject_token }) => subject_token), [undefined, 'st1.a', undefined]);
    assert.deepEqual(page.left(), []);
  });
}

test('a refused act holds up none behind it', async () => {
  const storage = storageOf();
  await pageOf({ storage, statuses: [0] }).add(record('a'));

  const page = pageOf({ storage, statuses: [400, 201] });
  await page.add(record('b'));

  assert.deepEqual(ids(page.posted), ['a', 'b']);
  assert.deepEqual(page.left(), []);
});

test('the pauses grow, up to five minutes, and start anew after a success', async () => {
  const page = pageOf({ statuses: [...Array(9).fill(0), 201, 0] });

  await page.add(record('a'));
  for (let at = 0; at < 9; at++) {
    page.waiting[at].run();
    await setImmediate();
  }
  await page.add(record('b'));

  assert.deepEqual(page.waiting.map(({ ms }) => ms / 1000), [2, 4, 8, 16, 32, 64, 128, 256, 300, 2]);
});

test('only one retry is waited for, however many acts fail', async () => {
  const page = pageOf({ statuses: [0, 0, 0] });

  await page.add(record('a'));
  await page.add(record('b'));
  await page.add(record('c'));

  assert.equal(page.waiting.length, 1);
  assert.deepEqual(page.left(), ['a', 'b', 'c']);
});

test('two tabs with one outbox post each act once', async () => {
  const storage = storageOf();
  const alone = lock();
  const one = pageOf({ storage, alone });
  const other = pageOf({ storage, alone });

  await Promise.all([one.add(record('a')), other.add(record('b')), one.flush(), other.flush()]);

  assert.deepEqual([...ids(one.posted), ...ids(other.posted)].sort(), ['a', 'b']);
  assert.deepEqual(one.left(), []);
});

test('an act added while another is under way is not lost', async () => {
  const page = pageOf();

  await Promise.all([page.add(record('a')), page.add(record('b'))]);

  assert.deepEqual(ids(page.posted), ['a', 'b']);
  assert.deepEqual(page.left(), []);
});

test('an act is given up after seven days', async () => {
  const storage = storageOf();
  await pageOf({ storage, statuses: [0] }).add(record('a'));

  const later = pageOf({ storage, now: () => NOW + WEEK });
  await later.flush();

  assert.deepEqual(later.posted, []);
});

test('of more than twenty the newest stay', async () => {
  const storage = storageOf();
  const offline = pageOf({ storage, statuses: Array(30).fill(0) });
  for (let number = 0; number < 25; number++) await offline.add(record(`act-${number}`));

  const page = pageOf({ storage });
  await page.flush();

  assert.equal(page.posted.length, 20);
  assert.equal(ids(page.posted)[0], 'act-5');
});

for (const spoilt of ['', 'null', '{}', '[', '7', '[null]']) {
  test(`an outbox that somebody overwrote with ${JSON.stringify(spoilt)} is empty`, async () => {
    const storage = storageOf();
    storage.setItem('consentinel.outbox', spoilt);
    const page = pageOf({ storage });

    await page.add(record('a'));

    assert.deepEqual(ids(page.posted), ['a']);
  });
}

test('an answer without a body is an answer', async () => {
  const page = pageOf({ answer: {} });

  await page.add(record('a'));

  assert.deepEqual(page.left(), []);
  assert.equal(page.storage.getItem('consentinel.subject'), null);
});

test('who reads this browser\'s records gets its token, and nothing before there is one', async () => {
  const page = pageOf({ answer: { subject_token: 'st1.mine' } });
  const before = page.subject();

  await page.add(record('a'));

  assert.deepEqual([before, page.subject()], ['', 'st1.mine']);
});
