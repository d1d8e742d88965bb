// kill -9 in the middle of writes: the next start recovers, and every acknowledged write is there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeKey, ownDatabase, startAthena } from '../world/athena.mjs';
import { sleep } from '../world/port.mjs';
import { query } from '../world/postgres.mjs';

describe('a server that is killed', () => {
  let folder, athena;
  before(async () => {
    folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'athena-kill-'));
    fs.chmodSync(folder, 0o755);
    athena = await startAthena({ folder });
  });
  after(async () => {
    await athena?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('keeps every write it acknowledged', async () => {
    const key = makeKey(athena, '--right', 'gateway.write');
    const acknowledged = [];
    let dead = false;
    const write = async (worker) => {
      for (let n = 0; !dead; n += 1) {
        const slug = `kept-${worker}-${n}`;
        const response = await fetch(`${athena.url}/gateway/insert`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json', 'x-athena-client': 'demo', apikey: key },
          body: JSON.stringify({ table_name: 'organizations', insert_body: { name: slug, slug, country: 'CH' } }),
        }).catch(() => undefined);
        if (response?.ok && (await response.text().catch(() => undefined))) acknowledged.push(slug);
      }
    };
    const workers = [0, 1, 2].map(write);
    await sleep(1500);
    await athena.kill();
    dead = true;
    await Promise.all(workers);
    assert.ok(acknowledged.length > 20, `only ${acknowledged.length} writes were acknowledged`);
    athena = await startAthena({ folder });
    const rows = await query(ownDatabase(athena.dataDir, 'demo'), "select slug from organizations where slug like 'kept-%'");
    const found = new Set(rows.map((row) => row.slug));
    assert.deepEqual(acknowledged.filter((slug) => !found.has(slug)), []);
  });
});
