import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoryOf, commonSuffix, suffixTable } from '../src/hosts.js';

const table = suffixTable({
  necessary: ['js.stripe.com', 'both.example'],
  performance: ['google-analytics.com', 'both.example'],
  functional: ['maps.google.com'],
  targeting: ['google.com'],
});

test('a suffix covers its subdomains and itself', () => {
  assert.equal(categoryOf('google-analytics.com', table), 'performance');
  assert.equal(categoryOf('region1.google-analytics.com', table), 'performance');
});

test('a suffix covers whole labels only', () => {
  assert.equal(categoryOf('notgoogle-analytics.com', table), undefined);
  assert.equal(categoryOf('stripe.com', table), undefined);
});

test('the longest suffix wins', () => {
  assert.equal(categoryOf('maps.google.com', table), 'functional');
  assert.equal(categoryOf('tile.maps.google.com', table), 'functional');
  assert.equal(categoryOf('ads.google.com', table), 'targeting');
});

test('a suffix listed twice belongs to the less necessary category', () => {
  assert.equal(categoryOf('both.example', table), 'performance');
});

test('the dot at the end of a full host name changes nothing', () => {
  assert.equal(categoryOf('google-analytics.com.', table), 'performance');
});

test('names of object members are hosts like any other', () => {
  assert.equal(categoryOf('constructor', table), undefined);
  assert.equal(categoryOf('__proto__', table), undefined);
});

test('two hosts have the labels in common that both end with, two at the least', () => {
  assert.equal(commonSuffix('www.shop.example', 'cdn.shop.example'), 'shop.example');
  assert.equal(commonSuffix('shop.example', 'shop.example'), 'shop.example');
  assert.equal(commonSuffix('shop.example', 'other.example'), '');
  assert.equal(commonSuffix('a.shop.co.uk', 'b.other.co.uk'), 'co.uk');
  assert.equal(commonSuffix('localhost', 'localhost'), '');
});
