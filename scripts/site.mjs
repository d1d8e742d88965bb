// Make the console's folder of files from the compiled wasm: script, wasm and style sheet under names
// that change with their content, everything compressed beforehand, and manifest.json to find them by.
// node scripts/site.mjs FRONTEND.wasm SITE_DIR [release|dev]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const NAME = 'athena';
const COMPRESSED = new Set(['.js', '.wasm', '.css', '.svg', '.json', '.txt', '.ico']);

const [wasm, site, mode = 'release'] = process.argv.slice(2);
if (!wasm || !site) throw new Error('usage: node scripts/site.mjs FRONTEND.wasm SITE_DIR [release|dev]');

function filesUnder(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    const whole = path.join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(whole) : [whole];
  });
}

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

// Everything the result depends on. Tailwind reads the sources for the classes they use.
function fingerprint() {
  const style = filesUnder(path.join(ROOT, 'style')).filter((file) => path.basename(file) !== 'generated.css');
  const inputs = [
    wasm,
    fileURLToPath(import.meta.url),
    path.join(ROOT, 'package-lock.json'),
    ...style,
    ...filesUnder(path.join(ROOT, 'public')),
    ...filesUnder(path.join(ROOT, 'app', 'src')),
  ];
  const sum = createHash('sha256').update(mode);
  for (const file of inputs) sum.update(path.relative(ROOT, file)).update('\0').update(hashOf(fs.readFileSync(file)));
  return sum.digest('hex');
}

function run(program, args) {
  try {
    execFileSync(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (failure) {
    process.stderr.write(String(failure.stdout ?? '') + String(failure.stderr ?? ''));
    throw new Error(`${program} failed: ${failure.message.split('\n')[0]}`);
  }
}

const tool = (name) => path.join(ROOT, 'node_modules', '.bin', name);

function makeScript(work) {
  run('wasm-bindgen', [wasm, '--target', 'web', '--no-typescript', '--out-dir', work, '--out-name', NAME,
    ...(mode === 'dev' ? ['--debug'] : ['--remove-name-section', '--remove-producers-section'])]);
  const bound = path.join(work, `${NAME}_bg.wasm`);
  if (mode === 'release' && fs.existsSync(tool('wasm-opt'))) {
    // -O1 is larger than -Oz, but what is transferred is smaller: inlining hides the repetition that brotli lives on.
    run(tool('wasm-opt'), ['-O1', '-O1', '--enable-bulk-memory', '--enable-nontrapping-float-to-int', '--enable-sign-ext',
      '--enable-mutable-globals', '--enable-reference-types', '--enable-multivalue', bound, '-o', bound]);
  }
  return { js: fs.readFileSync(path.join(work, `${NAME}.js`)), wasm: fs.readFileSync(bound) };
}

function makeStyle() {
  const out = path.join(ROOT, 'style', 'generated.css');
  run(tool('tailwindcss'), ['-i', 'style/app.css', '-o', out, ...(mode === 'dev' ? [] : ['--minify'])]);
  return fs.readFileSync(out);
}

function put(file, bytes) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
  if (!COMPRESSED.has(path.extname(file)) || bytes.length < 200) return;
  const best = mode === 'release' ? 11 : 4;
  const brotli = zlib.brotliCompressSync(bytes, { params: {
    [zlib.constants.BROTLI_PARAM_QUALITY]: best,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    [zlib.constants.BROTLI_PARAM_LGWIN]: 22,
  } });
  fs.writeFileSync(`${file}.br`, brotli);
  fs.writeFileSync(`${file}.gz`, zlib.gzipSync(bytes, { level: mode === 'release' ? 9 : 5 }));
}

function report(folder, names) {
  for (const name of names) {
    const file = path.join(folder, 'pkg', name);
    const kilo = (suffix) => (fs.statSync(file + suffix).size / 1024).toFixed(0);
    console.log(`        ${name}: ${kilo('')} KB, ${kilo('.br')} KB brotli, ${kilo('.gz')} KB gzip`);
  }
}

function main() {
  const stamp = `${site}.stamp`;
  const print = fingerprint();
  if (fs.existsSync(path.join(site, 'manifest.json')) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === print) {
    console.log('        unchanged');
    return;
  }
  fs.mkdirSync(path.dirname(site), { recursive: true });
  const work = fs.mkdtempSync(`${site}.work-`);
  const fresh = fs.mkdtempSync(`${site}.new-`);
  try {
    const parts = { ...makeScript(work), css: makeStyle() };
    const manifest = {};
    for (const kind of ['js', 'wasm', 'css']) {
      manifest[kind] = `${NAME}.${hashOf(parts[kind]).slice(0, 12)}.${kind}`;
      put(path.join(fresh, 'pkg', manifest[kind]), parts[kind]);
    }
    const snippets = path.join(work, 'snippets');
    for (const file of filesUnder(snippets)) put(path.join(fresh, 'pkg', path.relative(work, file)), fs.readFileSync(file));
    const open = path.join(ROOT, 'public');
    for (const file of filesUnder(open)) put(path.join(fresh, path.relative(open, file)), fs.readFileSync(file));
    fs.writeFileSync(path.join(fresh, 'manifest.json'), `${JSON.stringify(manifest)}\n`);
    report(fresh, Object.values(manifest));
    // A build that dies half way leaves the old folder whole.
    fs.rmSync(site, { recursive: true, force: true });
    fs.renameSync(fresh, site);
    fs.chmodSync(site, 0o755);
    fs.writeFileSync(stamp, print);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
    fs.rmSync(fresh, { recursive: true, force: true });
  }
}

main();
