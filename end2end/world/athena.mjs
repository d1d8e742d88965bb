// The real program on a private port with a data folder of its own.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { freePort, until } from './port.mjs';

const BIN = process.env.ATHENA_BIN;

// Nothing of the machine's own settings may reach the program under test.
function environment(extra) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(ATHENA|POSTGRES|PG|DATABASE|LEPTOS|RUST)/.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/**
 * Start it and wait for the sign-in link it prints.
 * @param {{folder: string, config?: string, env?: object, port?: number}} wanted
 */
export async function startAthena({ folder, config, env = {}, port }) {
  if (!BIN || !fs.existsSync(BIN)) throw new Error(`ATHENA_BIN must name the program to test; it is ${BIN ?? 'not set'}`);
  const dataDir = path.join(folder, 'data');
  fs.mkdirSync(dataDir, { recursive: true });
  const taken = port ?? (await freePort());
  const shared = ['--data-dir', dataDir, ...(config ? ['--config', config] : [])];
  const child = spawn(BIN, ['server', '--port', String(taken), '--host', '127.0.0.1', '--print-link', ...shared], {
    cwd: folder, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const log = fs.createWriteStream(path.join(folder, 'athena.log'), { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => { said += chunk; log.write(chunk); });
  }
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  const link = await until('athena to print its sign-in link', () => {
    if (child.exitCode !== null) throw new Error(`athena ended with ${child.exitCode}:\n${said.slice(-4000)}`);
    return said.match(/https?:\/\/\S*[?&]link=\S+/)?.[0];
  }, { seconds: 120 }).catch((error) => {
    child.kill('SIGKILL');
    throw new Error(`${error.message}\nIt said:\n${said.slice(-4000)}`);
  });
  const url = `http://127.0.0.1:${taken}`;
  await until('athena to be ready', async () => (await fetch(`${url}/ready`)).ok);
  return {
    url,
    port: taken,
    dataDir,
    link: link.replace(/^https?:\/\/[^/]+/, url),
    run: (...args) => execFileSync(BIN, [...args, ...shared], { cwd: folder, env: environment(env) }).toString(),
    stop: () => { child.kill('SIGTERM'); return ended; },
    kill: () => { child.kill('SIGKILL'); return ended; },
  };
}

/** How a database of the program's own PostgreSQL is reached. */
export function ownDatabase(dataDir, database) {
  const runtime = JSON.parse(fs.readFileSync(path.join(dataDir, 'runtime.json'), 'utf8'));
  return { host: runtime.socket_folder, port: 5432, user: 'athena', database };
}

/** A key that opens every client. Its secret is printed once. */
export function makeKey(athena, ...more) {
  const said = athena.run('key', 'create', '--name', 'browser tests', ...more);
  const key = said.match(/ath_[0-9a-f]{16}\.[\w-]+/)?.[0];
  if (!key) throw new Error(`athena key create printed no key:\n${said.replace(/ath_\S+/g, '…')}`);
  return key;
}

/** A fresh link that signs in once. */
export function makeLink(athena) {
  const said = athena.run('link');
  const link = said.match(/https?:\/\/\S*[?&]link=\S+/)?.[0];
  if (!link) throw new Error(`athena link printed no link:\n${said}`);
  return link.replace(/^https?:\/\/[^/]+/, athena.url);
}
