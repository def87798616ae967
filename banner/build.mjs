// Makes banner/dist: two scripts with a hole each for a config, and the manifest that names their bytes.
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
  const bytes = Buffer.from(outputFiles[0].contents);
  if (bytes.toString().split(HOLE).length !== 2) throw new Error(`${entry} must have exactly one hole for its config`);
  return bytes;
};

const digest = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

const dist = new URL('dist/', import.meta.url);
await mkdir(dist, { recursive: true });

const files = {};
const contents = [];
for (const [name, entry] of Object.entries(ENTRIES)) {
  const bytes = await bundled(entry);
  files[name] = { sha256: digest(bytes), bytes: bytes.length, brotli: brotliCompressSync(bytes).length };
  contents.push(bytes);
  await writeFile(new URL(name, dist), bytes);
}
await writeFile(new URL('manifest.json', dist), JSON.stringify({ build: digest(...contents), files }, null, 2) + '\n');
for (const [name, { bytes, brotli }] of Object.entries(files)) console.log(`${name}: ${bytes} B, brotli ${brotli} B`);
