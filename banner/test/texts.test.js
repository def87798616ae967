import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const FOLDER = new URL('../texts/', import.meta.url);
const read = (language) => JSON.parse(readFileSync(new URL(`${language}.json`, FOLDER), 'utf8'));

/** Regulation No 1 of 1958, Art. 1, as amended: the official languages of the Union. */
const OFFICIAL = 'bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv'.split(' ');
const english = read('en');
const sentences = Object.keys(english).filter((key) => /description|note/.test(key));

/** What the window's source asks for. */
const used = () => {
  const folder = new URL('../src/ui/', import.meta.url);
  const source = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
  return [...source.matchAll(/texts\.(\w+)/g)].map(([, key]) => key);
};

test('there are the official languages of the Union', () => {
  const found = readdirSync(FOLDER).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));

  assert.deepEqual(found.sort(), OFFICIAL);
});

test('the window finds every text that it shows', () => {
  assert.ok(used().length > 10);
  for (const key of used()) assert.ok(key in english, key);
  for (const column of ['name', 'provider', 'purpose', 'lifetime']) assert.ok(`cookie_${column}` in english, column);
  for (const category of ['necessary', 'performance', 'functional', 'targeting']) {
    assert.ok(english[`${category}_title`] && english[`${category}_description`], category);
  }
});

for (const language of OFFICIAL) {
  const texts = read(language);

  test(`${language} has the same texts in the same order, none empty, none with space around it`, () => {
    assert.deepEqual(Object.keys(texts), Object.keys(english));
    for (const [key, text] of Object.entries(texts)) {
      assert.equal(text, text.trim(), key);
      assert.ok(text.length > 1, key);
    }
  });

  test(`${language} says where the choice is taken back by the name that the place has`, () => {
    assert.ok(texts.withdraw_note.includes(texts.dialog_title));
  });

  test(`${language} speaks in whole sentences`, () => {
    for (const key of sentences) assert.match(texts[key], /[.!]$/, key);
  });

  if (language !== 'en') {
    test(`${language} is translated`, () => {
      const same = sentences.filter((key) => texts[key] === english[key]);

      assert.deepEqual(same, []);
      assert.notEqual(texts.reject_all, english.reject_all);
    });
  }
}
