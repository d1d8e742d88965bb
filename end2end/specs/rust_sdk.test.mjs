// The Rust library's tour through the demo company, as anybody would run it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { demo, world } from '../world/world.mjs';

const TOUR = process.env.ATHENA_TOUR;
const run = (...args) => promisify(execFile)(TOUR, args, { timeout: 60_000 });

// What no server answers yet.
const WITHOUT = ['--without', 'defer'];

describe('the Rust library', () => {
  test('goes the whole tour', async () => {
    assert.ok(TOUR && fs.existsSync(TOUR), `ATHENA_TOUR must name the example "tour" of athena-client; it is ${TOUR ?? 'not set'}`);
    const { stdout } = await run(world.url, world.libraryKey, ...WITHOUT);
    for (const part of ['read', 'refuse', 'write', 'sql', 'rpc', 'stream']) assert.match(stdout, new RegExp(`^${part}: as it must be$`, 'm'));
    assert.deepEqual(await demo("select 1 from organizations where slug = 'client-tour'"), []);
  });

  test('says what was wrong with a wrong key', async () => {
    const wrong = await run(world.url, 'ath_0123456789abcdef.wrongwrongwrong', ...WITHOUT).catch((error) => error);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /key/i);
    assert.ok(!wrong.stderr.includes('wrongwrongwrong'));
  });
});
