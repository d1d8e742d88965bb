// A private PostgreSQL for the databases that Athena is pointed at, on a port of its own.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { freePort, until } from './port.mjs';

function bin(name) {
  const folder = process.env.POSTGRES_BIN;
  if (folder) return path.join(folder, name);
  const root = '/usr/lib/postgresql';
  const versions = fs.existsSync(root) ? fs.readdirSync(root).sort((a, b) => b - a) : [];
  const found = versions.map((version) => path.join(root, version, 'bin', name)).find((file) => fs.existsSync(file));
  return found ?? name;
}

// PostgreSQL refuses to run as root, so then it runs as somebody with fewer rights.
function account() {
  if (process.getuid() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // Not on this machine.
    }
  }
  throw new Error('PostgreSQL will not run as root, and there is neither a user postgres nor nobody');
}

export async function startPostgres(folder) {
  const data = path.join(folder, 'postgres');
  const as = account();
  fs.mkdirSync(data, { mode: 0o700 });
  if (as.uid !== undefined) fs.chownSync(data, as.uid, as.gid);
  const options = { ...as, cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } };
  execFileSync(bin('initdb'), ['-D', data, '-A', 'trust', '-U', 'tester', '-E', 'UTF8', '--locale=C', '-N'], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await freePort();
  const log = fs.openSync(path.join(folder, 'postgres.log'), 'a');
  const flags = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', '', '-c', 'timezone=UTC', '-F'];
  const uri = (database) => `postgresql://tester@127.0.0.1:${port}/${database}`;
  let child;
  const end = (signal) => new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', resolve);
    child.kill(signal);
  });
  const start = () => until('PostgreSQL to start', async () => {
    // After a kill its children may hold the cluster for another moment, so it is tried again.
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      child = spawn(bin('postgres'), flags, { ...options, stdio: ['ignore', log, log] });
    }
    const rows = await query(uri('postgres'), 'select 1 as one');
    return rows.length === 1;
  });
  await start();
  return { uri, start, stop: () => end('SIGINT'), kill: () => end('SIGKILL') };
}

/** One statement over one connection. `where` is a URI or what `pg` takes. */
export async function query(where, text, values = []) {
  const client = new pg.Client(typeof where === 'string' ? { connectionString: where } : where);
  await client.connect();
  try {
    const result = await client.query(text, values);
    return result.rows ?? [];
  } finally {
    await client.end();
  }
}

export async function loadSql(server, database, file) {
  await query(server.uri('postgres'), `create database ${database} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`);
  await query(server.uri(database), fs.readFileSync(file, 'utf8'));
}
