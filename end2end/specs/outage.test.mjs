// A client's database is killed and started again while eight callers read and write through a running Athena.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeKey, startAthena } from '../world/athena.mjs';
import { sleep, until } from '../world/port.mjs';
import { query, startPostgres } from '../world/postgres.mjs';

const TABLE = 'create table notes (id text primary key, worker integer not null, n integer not null, said text not null)';
const KNOWN = Array.from({ length: 200 }, (_, n) => `('known-${n}', -1, ${n}, 'said ${n}')`).join(',');

// What docs/errors.md lists for a database that is away or comes back; anything else is a fault.
const AWAY = new Set(['client_unavailable', 'backend_unavailable', 'connection_error', 'pool_timeout', 'too_many_waiting', 'too_many_connections']);
// A statement's time, and what a busy machine may add to it.
const DEADLINE_MS = 5_000 + 2_000;

describe('a database that is killed under load', () => {
  let folder, postgres, athena, key;

  before(async () => {
    folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'athena-outage-'));
    fs.chmodSync(folder, 0o755);
    postgres = await startPostgres(folder);
    await query(postgres.uri('postgres'), `${TABLE}; insert into notes values ${KNOWN}`);
    const config = path.join(folder, 'config.yaml');
    fs.writeFileSync(config, `gateway:\n  statement_timeout_secs: 5\nclients:\n  notes: ${postgres.uri('postgres')}\n`);
    athena = await startAthena({ folder, config });
    key = makeKey(athena, '--right', 'gateway.read', '--right', 'gateway.write');
    await until('the client to be ready', async () => (await read(1)).status === 200);
  });

  after(async () => {
    await athena?.stop();
    await postgres?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function ask(route, method, body) {
    const began = performance.now();
    const response = await fetch(athena.url + route, {
      method,
      // Every read must ask the database, not what was kept of it.
      headers: { 'content-type': 'application/json', 'x-athena-client': 'notes', 'x-athena-key': key, 'cache-control': 'no-cache' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const answer = await response.json();
    return { status: response.status, answer, took: performance.now() - began };
  }

  const read = (n) => ask('/gateway/fetch', 'POST', { table_name: 'notes', conditions: [{ operator: 'eq', column: 'id', value: `known-${n}` }] });
  const write = (id, worker, n) => ask('/gateway/insert', 'PUT', { table_name: 'notes', insert_body: { id, worker, n, said: 'hello' } });

  /** Readers and writers that go on until they are told to stop, and what they saw. */
  function load() {
    const seen = { answers: [], acknowledged: [], refused: [], wrong: [], slow: [] };
    let isOver = false;
    const note = (what, { status, answer, took }) => {
      seen.answers.push({ at: performance.now(), status });
      if (took > DEADLINE_MS) seen.slow.push(`${what}: ${took} ms`);
      if (status < 400) return true;
      seen.refused.push(`${status} ${answer.code}`);
      if (status !== 503 || !AWAY.has(answer.code) || typeof answer.error !== 'string') seen.wrong.push(`${what}: ${status} ${JSON.stringify(answer)}`);
      return false;
    };
    const reader = async (worker) => {
      for (let n = worker; !isOver; n = (n + 7) % 200) {
        const answer = await read(n);
        const expected = [{ id: `known-${n}`, worker: -1, n, said: `said ${n}` }];
        if (note(`read ${n}`, answer) && JSON.stringify(answer.answer.data) !== JSON.stringify(expected)) seen.wrong.push(`read ${n}: ${JSON.stringify(answer.answer)}`);
        await sleep(2);
      }
    };
    const writer = async (worker) => {
      for (let n = 0; !isOver; n += 1) {
        const id = `written-${worker}-${n}`;
        if (note(`write ${id}`, await write(id, worker, n))) seen.acknowledged.push(id);
        await sleep(2);
      }
    };
    const all = Promise.all([0, 1, 2, 3].flatMap((worker) => [reader(worker), writer(worker)]));
    return { seen, end: () => { isOver = true; return all; } };
  }

  test('answers nothing wrong, lets nobody hang, keeps what it acknowledged, and recovers by itself', async () => {
    const { seen, end } = load();
    const outages = [300, 2_500];
    for (const outage of outages) {
      await sleep(1_000);
      await postgres.kill();
      await sleep(outage);
      await postgres.start();
      const back = performance.now();
      // A failing database is left alone for five seconds at a time (`gateway.breaker_pause_secs`).
      await until('a second without a refusal', async () => isWell(seen.answers, back), { seconds: 10 });
      console.log(`well again ${Math.round(performance.now() - back - 1_000)} ms after PostgreSQL was`);
    }
    const steady = performance.now();
    await sleep(1_000);
    await end();
    console.log(`${seen.answers.length} answers, ${seen.acknowledged.length} acknowledged writes, refused: ${JSON.stringify(tally(seen.refused))}`);

    assert.deepEqual(seen.wrong, []);
    assert.deepEqual(seen.slow, []);
    assert.ok(seen.refused.length > 0, 'nobody noticed the outage, so nothing was tested');
    const late = seen.answers.filter(({ at }) => at > steady);
    assert.ok(late.length > 100, `only ${late.length} answers in the last second`);
    assert.deepEqual(late.filter(({ status }) => status >= 400), [], 'it is well again');

    const rows = await query(postgres.uri('postgres'), "select id, worker, n from notes where id like 'written-%'");
    const found = new Set(rows.map((row) => row.id));
    assert.ok(seen.acknowledged.length > 100, `only ${seen.acknowledged.length} writes were acknowledged`);
    assert.deepEqual(seen.acknowledged.filter((id) => !found.has(id)), []);
    for (const row of rows) assert.equal(row.id, `written-${row.worker}-${row.n}`);
  });

  test('a database that is away when a caller comes is a 503 at once, and never a hang', async () => {
    await postgres.kill();
    for (let n = 0; n < 12; n += 1) {
      const { status, answer, took } = await read(n);
      assert.equal(status, 503, JSON.stringify(answer));
      assert.ok(AWAY.has(answer.code), answer.code);
      assert.ok(took < DEADLINE_MS, `${took} ms`);
    }
    assert.equal((await fetch(`${athena.url}/ping`)).status, 200);
    await postgres.start();
    const { took } = await until('a read to succeed again', async () => { const answer = await read(1); return answer.status === 200 && answer; }, { seconds: 10 });
    assert.ok(took < DEADLINE_MS);
  });
});

/** Whether the last second, all of it after the outage, had answers and no refusal. */
function isWell(answers, back) {
  const from = performance.now() - 1_000;
  const last = answers.filter(({ at }) => at > from);
  return from > back && last.length > 50 && last.every(({ status }) => status === 200);
}

function tally(words) {
  const counts = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
