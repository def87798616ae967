// Makes banner/dist: two scripts with a hole each for a config, the manifest that names their bytes, the page that verifies
// receipts, whose bytes verify.json names, and the page that shows a visitor theirs.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const HOLE = '"__CONSENTINEL__"';
const ENTRIES = { 'gate.js': 'src/gate/main.js', 'window.js': 'src/ui/main.js' };

/** Style sheets come in as minified text. */
const css = {
  name: 'css',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true, target: 'chrome100' });
      return { contents: code.trim(), loader: 'text' };
    }),
};

/** @param {string} entry */
const bundled = async (entry) => {
  const bytes = await script(entry);
  if (bytes.toString().split(HOLE).length !== 2) throw new Error(`${entry} must have exactly one hole for its config`);
  return bytes;
};

/** @param {string} entry */
const script = async (entry) => {
  const { outputFiles } = await build({
    entryPoints: [new URL(entry, import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    plugins: [css],
  });
  return Buffer.from(outputFiles[0].contents);
};

/**
 * A page as one file: its policy lets run and paint what stands in it and nothing else.
 *
 * @param {string} folder with page.html and main.js
 * @param {string[]} sheets one over the other
 * @param {string[]} asks what its policy says of the network, of which it is allowed nothing else
 */
const pageOf = async (folder, sheets, asks) => {
  const read = (name) => readFile(new URL(`src/${name}`, import.meta.url), 'utf8');
  const style = (await Promise.all(sheets.map(read))).join('\n');
  const parts = {
    STYLE: (await transform(style, { loader: 'css', minify: true, target: 'chrome123' })).code.trim(),
    SCRIPT: (await script(`src/${folder}/main.js`)).toString().trim(),
  };
  if (/<\/(script|style)/i.test(parts.STYLE + parts.SCRIPT)) throw new Error('The page would end in the middle of its script');
  const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(parts.SCRIPT)}`,
    `style-src ${hash(parts.STYLE)}`,
    ...asks,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const filled = (await read(`${folder}/page.html`)).replace(/__(POLICY|STYLE|SCRIPT)__/g, (_, part) => ({ ...parts, POLICY: policy })[part]);
  return Buffer.from(filled);
};

const figuresOf = (bytes) => ({ sha256: digest(bytes), bytes: bytes.length, brotli: brotliCompressSync(bytes).length });
const digest = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

const dist = new URL('dist/', import.meta.url);
await mkdir(dist, { recursive: true });

const files = {};
const contents = [];
for (const [name, entry] of Object.entries(ENTRIES)) {
  const bytes = await bundled(entry);
  files[name] = figuresOf(bytes);
  contents.push(bytes);
  await writeFile(new URL(name, dist), bytes);
}
await writeFile(new URL('manifest.json', dist), JSON.stringify({ build: digest(...contents), files }, null, 2) + '\n');

const verifier = await pageOf('verify', ['verify/page.css'], []);
await writeFile(new URL('verify.html', dist), verifier);
await writeFile(new URL('verify.json', dist), JSON.stringify(figuresOf(verifier), null, 2) + '\n');

// publishing puts the API's address into the policy, and the site's own settings beside the script, where they are data
const receipts = await pageOf('receipts', ['verify/page.css', 'receipts/page.css'], ['connect-src __API__', 'img-src data:']);
if (receipts.toString().split(HOLE).length !== 2) throw new Error('The page of the receipts must have exactly one hole for its config');
await writeFile(new URL('receipts.html', dist), receipts);

const pages = { 'verify.html': figuresOf(verifier), 'receipts.html': figuresOf(receipts) };
for (const [name, { bytes, brotli }] of Object.entries({ ...files, ...pages })) console.log(`${name}: ${bytes} B, brotli ${brotli} B`);
