import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fromBase64, toBase64, utf8 } from '../src/verify/bytes.js';
import { rawEcdsa } from '../src/verify/der.js';
import { canonical, parseJson } from '../src/verify/json.js';
import { openNote, parseKey } from '../src/verify/note.js';
import { checkConsistency, rootByInclusion } from '../src/verify/tree.js';
import { Fails, Unreadable, Unsupported, exitOf } from '../src/verify/verdict.js';
import { verify } from '../src/verify/verify.js';

const VECTORS = new URL('../../tests/vectors/', import.meta.url);
const load = (path) => JSON.parse(readFileSync(new URL(path, VECTORS), 'utf8'));
const all = (path) => readdirSync(new URL(path, VECTORS)).map((name) => ({ name, ...load(`${path}/${name}`) }));
const bytesOf = (text) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

for (const { desc, note_b64, vkeys, wantErr, verified } of load('note/notes.json')) {
  test(`a foreign note is opened exactly when its vector says so: ${desc}`, async () => {
    const keys = await Promise.all(vkeys.map(parseKey));
    const opening = async () => openNote(new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(note_b64)), keys);

    if (wantErr) await assert.rejects(opening);
    else assert.deepEqual((await opening()).verified.map(({ name, id }) => `${name}+${id}`), verified);
  });
}

test('every spoiled verifier key is refused', async () => {
  const { valid, invalid } = load('note/vkeys.json');
  const [good] = valid;
  const parts = [...good].flatMap((_, start) => [...good].map((_, end) => good.slice(start, end + 1)));
  const bumped = [...good].map((c, at) => good.slice(0, at) + String.fromCharCode(c.charCodeAt(0) + 1) + good.slice(at + 1));
  const accepted = new Set();
  for (const text of [...valid, ...invalid, ...parts, ...bumped, `${good}\n`, ` ${good}`]) {
    await parseKey(text).then(({ text }) => accepted.add(text), (error) => assert.ok(error instanceof Fails));
  }

  assert.deepEqual([...accepted], valid);
});

for (const folder of ['merkle/inclusion/0', 'merkle/inclusion/1']) {
  for (const { name, leafIdx, treeSize, root, leafHash, proof, wantErr } of all(folder)) {
    test(`a foreign inclusion proof leads to the root exactly when it should: ${folder}/${name}`, async () => {
      const found = await rootByInclusion(leafIdx, treeSize, bytesOf(leafHash), (proof ?? []).map(bytesOf)).then(toBase64, () => null);

      assert.equal(found !== root, wantErr);
    });
  }
}

for (const { name, size1, size2, root1, root2, proof, wantErr } of all('merkle/consistency/1').filter((one) => one.size1 <= one.size2)) {
  test(`a foreign consistency proof joins exactly when it should: ${name}`, async () => {
    const [old, later] = [[size1, root1], [size2, root2]].map(([size, root]) => ({ origin: '', size, root: bytesOf(root), at: null }));
    const joining = checkConsistency(old, later, (proof ?? []).map(bytesOf));

    if (wantErr) await assert.rejects(joining, Fails);
    else await joining;
  });
}

for (const name of ['arrays', 'french', 'structures', 'unicode', 'values', 'weird']) {
  test(`foreign JSON has its canonical form, or is refused for a null or a fraction: ${name}`, () => {
    const [input, output] = ['input', 'output'].map((folder) => readFileSync(new URL(`jcs/${folder}/${name}.json`, VECTORS)));

    if (['arrays', 'structures', 'values'].includes(name)) assert.throws(() => canonical(parseJson(new Uint8Array(input))), Unreadable);
    else assert.equal(canonical(parseJson(new Uint8Array(input))), output.toString());
  });
}

for (const text of ['', '{', '{"a":1,"a":2}', '[1,]', '[1 2]', '01', '-', '1e2', '1.0', '9007199254740992', 'nul', '"\u0001"', '"a', '"\\x"', '"\\ud800"', '[]x', "{'a':1}", '{1:2}', '['.repeat(100_000), '\ufeff{}']) {
  test(`JSON that is not strict is refused: ${text.slice(0, 20)}`, () => {
    assert.throws(() => parseJson(utf8(text)), Unreadable);
  });
}

test('JSON that is strict is read as JSON.parse reads it', () => {
  const text = ' {"a" : [true, false, null, -12, 0, 9007199254740991], "\\u0431\\n": "\\"\\\\\\/😀", "__proto__": {} }\r\n';

  assert.equal(JSON.stringify(parseJson(utf8(text))), JSON.stringify(JSON.parse(text)));
});

const encoded = (digits) => [2, digits.length, ...digits];
const sequence = (...parts) => new Uint8Array([0x30, parts.flat().length, ...parts.flat()]);
const high = [0, ...Array(32).fill(0xff)];

test('an ECDSA signature in DER becomes r and s of 32 bytes each, whatever their length was', () => {
  for (const [r, s] of [[[1], [2]], [high, [3]], [Array(31).fill(7), high]]) {
    const raw = rawEcdsa(sequence(encoded(r), encoded(s)));

    assert.deepEqual([...raw], [r, s].flatMap((digits) => [...Array(33).fill(0), ...digits].slice(-32)));
  }
});

test('an ECDSA signature that is not DER as it must be spelt is none', () => {
  const [one, two] = [encoded([1]), encoded([2])];
  for (const spoiled of [
    sequence(one), sequence(one, two, two), sequence(encoded([0, 1]), two), sequence(encoded([0x80]), two), sequence(encoded([]), two),
    sequence(encoded([1, ...Array(32).fill(0)]), two), sequence([4, 1, 1], two), new Uint8Array([...sequence(one, two), 0]),
    new Uint8Array([0x30, 0x81, 6, ...one, ...two]), new Uint8Array([0x30, 0x80, ...one, ...two]), new Uint8Array(),
  ]) {
    assert.equal(rawEcdsa(spoiled), null);
  }
});

test('P-256 signatures as WebCrypto makes them hold once they are in DER, and their twins do not', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
  const id = new Uint8Array(await crypto.subtle.digest('SHA-256', spki)).subarray(0, 4);
  const key = await parseKey(`log.example/a+${Buffer.from(id).toString('hex')}+${toBase64(new Uint8Array([2, ...spki]))}`);
  const minimal = (digits) => {
    const start = Math.max(digits.findIndex((digit) => digit), 0);
    return encoded([...(digits[start] > 0x7f ? [0] : []), ...digits.slice(start)]);
  };
  for (let turn = 0; turn < 50; turn++) {
    const text = `text ${turn}\n`;
    const raw = [...new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, utf8(text)))];
    const der = sequence(minimal(raw.slice(0, 32)), minimal(raw.slice(32)));
    const note = (signed) => `${signed}\n— log.example/a ${toBase64(new Uint8Array([...id, ...der]))}\n`;

    assert.deepEqual((await openNote(note(text), [key])).verified, [key]);
    await assert.rejects(openNote(note(`another ${text}`), [key]), Fails);
  }
});

test('base64 has one spelling', () => {
  assert.deepEqual([...fromBase64('AQ==')], [1]);
  for (const text of ['AQ', 'AR==', 'AQ=', 'A Q==', 'AQ==\n', '-_==', '====']) assert.throws(() => fromBase64(text), Fails);
});

test('a browser that has no Ed25519 says so, and the verdict is not "verified"', async (t) => {
  const [vkey] = load('note/vkeys.json').valid;
  const note = Buffer.from(load('note/notes.json')[0].note_b64, 'base64').toString();
  const { importKey } = crypto.subtle;
  t.after(() => Object.assign(crypto.subtle, { importKey }));
  crypto.subtle.importKey = async () => {
    throw new DOMException('Unrecognized name.', 'NotSupportedError');
  };

  await assert.rejects(async () => openNote(note, [await parseKey(vkey)]), Unsupported);
  assert.equal(exitOf({ readable: true, findings: [{ check: 'promise', standing: 'unproven', word: 'ed25519', values: {} }], records: [] }), 1);
});

test('what nobody has thought of is a verdict too, and not an error', async () => {
  for (const spoilt of [null, { get length() { throw new TypeError('gone'); } }]) {
    const { readable, findings } = await verify(spoilt);

    assert.equal(readable, false);
    assert.deepEqual(findings.map(({ word }) => word), ['untold']);
  }
});

test('what is no receipt is refused with a word and not with an error', async () => {
  for (const bytes of [new Uint8Array(), utf8('PK'), utf8('{}'), new Uint8Array(50_000_001)]) {
    const { readable, findings } = await verify(bytes);

    assert.equal(readable, false);
    assert.equal(findings.length, 1);
  }
});
