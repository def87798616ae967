import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import bg from '../src/verify/words/bg.js';
import en from '../src/verify/words/en.js';
import { rowsOf } from '../src/verify/record.js';
import { view } from '../src/verify/view.js';
import { say, told } from '../src/verify/words.js';

const FOLDER = new URL('../src/verify/', import.meta.url);
const sources = readdirSync(FOLDER).filter((name) => /\.(js|html)$/.test(name)).map((name) => readFileSync(new URL(name, FOLDER), 'utf8')).join('\n');
const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

test('both languages say everything, with the same places to fill', () => {
  assert.deepEqual(Object.keys(bg), Object.keys(en));
  for (const word of Object.keys(en)) assert.deepEqual(places(bg[word]), places(en[word]), word);
});

test('every word that the code says is in the languages', () => {
  const said = [
    ...sources.matchAll(/new (?:Fails|Unreadable)\('(\w+)'/g),
    ...sources.matchAll(/unreadable\('(\w+)'\)/g),
    ...sources.matchAll(/data-word="(\w+)"/g),
    ...sources.matchAll(/say\(language, '(\w+)'/g),
    ...sources.matchAll(/\.add\('\w+', '\w+', '(\w+)'/g),
  ].map(([, word]) => word);

  assert.ok(said.length > 80);
  assert.deepEqual(said.filter((word) => !(word in en) && !(`${word}.fails` in en) && !(`${word}.open` in en)), []);
});

test('a finding is told with its values, and times as UTC', () => {
  const finding = { check: 'proof', standing: 'holds', word: 'proof_at', values: { number: 6, size: 12, at: 1772366400000 } };

  assert.equal(told('en', finding), 'The log holds the record, as number 6 of 12; it says that it signed this on 2026-03-01 12:00:00 UTC.');
  assert.match(told('bg', finding), /под номер 6 от 12/);
});

test('a record is told in words, and what has none as it is', () => {
  const says = {
    typ: 'consentinel/consent/v1', log: 'log.example/a', id: '7', at: 1772366400000, act: 'partial', sec: 'banner', sid: 'abc', idv: 'odd',
    cat: { necessary: true, targeting: false, further: 'x' }, cfg: { ver: 3, sha256: 'ff' }, ui: { lang: 'bg', gpc: true },
  };
  const lines = Object.fromEntries(rowsOf({ says, personal: { email: 'a@b.example', other: [1] }, text: null }, 'en').map(({ label, lines }) => [label, lines]));

  assert.deepEqual(lines['What'], ['Consent given in part (cookie banner)']);
  assert.deepEqual(lines['Cookies'], ['Necessary: allowed', 'Targeting: not allowed', 'further: x']);
  assert.deepEqual(lines['Who'], ['E-mail: a@b.example', 'other: [1]', 'Data subject abc (a pseudonym)']);
  assert.deepEqual(lines['Identity'], ['odd']);
  assert.deepEqual(lines['How it was shown'], ['language: bg, the browser sent Global Privacy Control']);
});

test('what every object has by birth is no word and fills no place', () => {
  for (const word of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) assert.equal(say('en', word), word);
  assert.equal(say('en', 'about', Object.create({ name: 'inherited' })), 'File: ');
  assert.match(say('en', 'about', {}), /^File: $/);
  assert.equal(told('en', { check: 'x', standing: 'holds', word: 'constructor', values: {} }), 'constructor');
});

test('the name of a personal member is never a sentence of this page', () => {
  const says = { typ: 't', log: 'l', id: 'i', at: 0 };
  const names = ['constructor', '__proto__', 'receipt_key.holds', 'verdict_0', 'promise', 'act_given', '{sid}', 'title'];
  const personal = Object.fromEntries([...names.map((name) => [name, 'x']), ['device', Object.fromEntries(names.map((name) => [name, 'y']))]]);
  const [who] = rowsOf({ says, personal, text: null }, 'en').filter(({ label }) => label === 'Who');

  assert.deepEqual(who.lines, [...names.map((name) => `${name}: x`), `Device: ${names.map((name) => `${name} y`).join(', ')}`]);
});

test('a verdict that cannot be told whole is not told to be verified', (t) => {
  const { document } = globalThis;
  t.after(() => Object.assign(globalThis, { document }));
  const made = (name) => ({ name, text: [], setAttribute(key, value) { this[key] = value; }, append(...children) { this.text.push(...children); } });
  globalThis.document = { createElement: made };
  const record = { says: { typ: 't', log: 'l', id: 'i', at: 1772366400000 }, personal: null, text: null };
  const verdict = { readable: true, findings: [{ check: 'proof', standing: 'holds', word: 'proof', values: {} }], records: [record] };

  const whole = view(verdict, 'a.json', 'en');
  const broken = view({ ...verdict, records: [{ ...record, says: { ...record.says, at: NaN } }] }, 'a.json', 'bg');

  assert.equal(whole.headline.class, 'verdict exit-0');
  assert.equal(whole.details.length, 2);
  assert.equal(broken.headline.class, 'verdict exit-2');
  assert.deepEqual(broken.details, []);
});

test('values of odd types are shown and break nothing', () => {
  for (const odd of [7, true, 'x', [], {}, [{}], Object.create(null), [Object.create(null)], 'constructor']) {
    const says = { typ: 't', log: 'l', id: 'i', at: 0, act: odd, sec: odd, sid: odd, idv: odd, cat: odd, pol: odd, cfg: odd, ui: odd, site: odd, prev: odd };

    assert.ok(rowsOf({ says, personal: { name: odd }, text: null }, 'bg').every(({ lines }) => lines.every((line) => typeof line === 'string')));
  }
});
