// Build a world, run every spec in it, take it down: node end2end/run.mjs [part of a spec's name]
// ATHENA_BIN names the program, ATHENA_TOUR the Rust library's example, CHROMIUM the browser, ATHENA_COUNT_FILE where to write how many passed.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec as Spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { signIn } from './world/chromium.mjs';
import { makeKey, makeLink, startAthena } from './world/athena.mjs';
import { loadSql, startPostgres } from './world/postgres.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SAMPLES = process.env.ATHENA_SAMPLES ?? path.resolve(HERE, '../../shared/samples');
const ADMIN_KEY = 'a-long-secret-for-the-browser-tests-only';
const JWT_SECRET = 'another-long-secret-for-the-browser-tests';

const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'athena-e2e-'));
fs.chmodSync(folder, 0o755);
const down = [];

async function build() {
  const shop = path.join(SAMPLES, 'chinook');
  if (!fs.existsSync(shop)) throw new Error(`the sample databases are expected in ${SAMPLES}, beside the checkout; ATHENA_SAMPLES names another place`);
  const postgres = await startPostgres(folder);
  down.push(() => postgres.stop());
  await loadSql(postgres, 'chinook', path.join(shop, 'chinook.sql'));
  const chinook = postgres.uri('chinook');
  await loadSql(postgres, 'workshop', path.join(HERE, 'world/workshop.sql'));
  const workshop = postgres.uri('workshop');
  await loadSql(postgres, 'tenants', path.join(HERE, 'world/tenants.sql'));
  const tenants = postgres.uri('tenants');
  const config = path.join(folder, 'config.yaml');
  const rest = `rest: { anon_role: nobody_here, jwt_secret: ${JWT_SECRET} }`;
  fs.writeFileSync(config, `clients:\n  chinook:\n    uri: ${chinook}\n    snapshot: ${path.join(shop, 'meta')}\n  workshop: ${workshop}\n  tenants:\n    uri: ${tenants.replace('tester@', 'door@')}\n    ${rest}\n`);
  const athena = await startAthena({ folder, config, env: { ATHENA_KEY_12: ADMIN_KEY } });
  down.push(() => athena.stop());
  const session = await signIn(athena.link);
  return {
    url: athena.url, dataDir: athena.dataDir, folder, chinook, workshop, tenants, jwtSecret: JWT_SECRET, session, apiKey: makeKey(athena, ...RIGHTS),
    libraryKey: makeKey(athena, ...RIGHTS, ...MORE),
    readKey: makeKey(athena, '--right', 'gateway.read'),
    admin: { email: process.env.ATHENA_E2E_EMAIL ?? 'admin@localhost', key: ADMIN_KEY }, spareLink: makeLink(athena),
  };
}

// What the gateway specs do with their key.
const RIGHTS = ['gateway.read', 'gateway.write', 'gateway.delete'].flatMap((right) => ['--right', right]);

// And what libraries do beside it.
const MORE = ['gateway.query', 'gateway.sql', 'gateway.rpc.execute'].flatMap((right) => ['--right', right]);

function specs(part) {
  const all = fs.readdirSync(path.join(HERE, 'specs')).filter((name) => name.endsWith('.test.mjs')).sort();
  return all.filter((name) => name.includes(part ?? '')).map((name) => path.join(HERE, 'specs', name));
}

async function main() {
  const files = specs(process.argv[2]);
  if (files.length === 0) throw new Error(`no spec is called ${process.argv[2]}`);
  const file = path.join(folder, 'world.json');
  fs.writeFileSync(file, JSON.stringify(await build()), { mode: 0o600 });
  process.env.ATHENA_WORLD = file;
  let passed = 0;
  let failed = 0;
  const stream = run({ files, concurrency: 1, timeout: 300_000 });
  const isTest = (event) => event.details?.type !== 'suite' && !files.includes(event.name);
  stream.on('test:pass', (event) => { if (isTest(event) && event.skip === undefined) passed += 1; });
  stream.on('test:fail', (event) => { if (event.details?.type !== 'suite') failed += 1; });
  stream.compose(new Spec()).pipe(process.stdout);
  await new Promise((resolve) => stream.once('end', resolve));
  if (process.env.ATHENA_COUNT_FILE) fs.writeFileSync(process.env.ATHENA_COUNT_FILE, String(passed));
  console.log(`\n${passed} browser tests passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

let status = 1;
const stop = async () => {
  for (const end of down.splice(0).reverse()) await Promise.race([end(), new Promise((resolve) => setTimeout(resolve, 15_000))]);
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().then(() => process.exit(1)));
try {
  status = await main();
} catch (error) {
  console.error(`The browser tests could not run: ${error.message}`);
}
if (status !== 0) {
  const log = path.join(folder, 'athena.log');
  if (fs.existsSync(log)) console.error(`The last of athena's log (${log}):\n${fs.readFileSync(log, 'utf8').split('\n').slice(-40).join('\n')}`);
}
await stop();
if (status === 0) fs.rmSync(folder, { recursive: true, force: true });
process.exit(status);
