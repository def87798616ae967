import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';

const BANNER = new URL('../', import.meta.url);
const HOLE = '"__CONSENTINEL__"';

execFileSync(process.execPath, [new URL('build.mjs', BANNER).pathname]);
const read = (name) => readFileSync(new URL(`dist/${name}`, BANNER));
const manifest = JSON.parse(read('manifest.json'));

// the gate stands in the way of every page, the window only before a choice
for (const [name, budget] of [['gate.js', 5 * 1024], ['window.js', 8 * 1024]]) {
  test(`${name} is at most ${budget} bytes in brotli, and the manifest says how many`, () => {
    const bytes = read(name);

    assert.ok(brotliCompressSync(bytes).length <= budget, `${brotliCompressSync(bytes).length} bytes`);
    assert.deepEqual(manifest.files[name], {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      brotli: brotliCompressSync(bytes).length,
    });
  });

  test(`${name} has one hole for its config`, () => {
    assert.equal(read(name).toString().split(HOLE).length, 2);
  });
}

test('the build is named by the bytes of its files', () => {
  assert.equal(manifest.build, createHash('sha256').update(read('gate.js')).update(read('window.js')).digest('hex'));
});

test('building again makes the same bytes', () => {
  const before = manifest.build;

  execFileSync(process.execPath, [new URL('build.mjs', BANNER).pathname]);

  assert.equal(JSON.parse(read('manifest.json')).build, before);
});
