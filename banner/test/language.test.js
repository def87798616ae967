import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLanguage } from '../src/language.js';

const OFFERED = ['bg', 'en', 'de'];

test('the page speaks first, then the browser, then the site', () => {
  assert.equal(chooseLanguage('de', ['en'], OFFERED), 'de');
  assert.equal(chooseLanguage('', ['en-GB', 'bg'], OFFERED), 'en');
  assert.equal(chooseLanguage('ja', ['ko', 'de-AT'], OFFERED), 'de');
  assert.equal(chooseLanguage('ja', ['ko'], OFFERED), 'bg');
});

test('region, script and case do not matter', () => {
  assert.equal(chooseLanguage('DE-ch', [], OFFERED), 'de');
  assert.equal(chooseLanguage('bg_BG', [], OFFERED), 'bg');
});

test('a site that offers nothing has no language', () => {
  assert.equal(chooseLanguage('en', ['en'], []), undefined);
});
