// Supabase's libraries, as the registry serves them, against the running server.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { PostgrestClient } from '@supabase/postgrest-js';
import { createClient } from '@supabase/supabase-js';
import { tenants, workshop, world } from '../world/world.mjs';

// Nothing here listens, so what it would listen with does not matter; older Nodes have none of their own.
const QUIET = { realtime: { transport: globalThis.WebSocket ?? class {} }, auth: { persistSession: false, autoRefreshToken: false } };
const supabase = (client = 'workshop', headers = {}) =>
  createClient(world.url, world.libraryKey, { ...QUIET, global: { headers: { 'X-Athena-Client': client, ...headers } } });
const postgrest = () =>
  new PostgrestClient(`${world.url}/rest/v1`, { headers: { apikey: world.libraryKey, 'X-Athena-Client': 'workshop' } });
const db = supabase();
const ships = () => db.from('ships');

/** The rows of a success. */
async function good(asked, status = 200) {
  const result = await asked;
  assert.equal(result.error, null, JSON.stringify(result));
  assert.equal(result.status, status, JSON.stringify(result));
  return result.data;
}

/** The error of a failure. */
async function bad(asked, status, code) {
  const result = await asked;
  assert.equal(result.status, status, JSON.stringify(result));
  assert.equal(result.data, null);
  assert.equal(result.error.code, code, JSON.stringify(result));
  return result.error;
}

const names = (rows) => rows.map((row) => row.name).sort();
const truth = async (where) => names(await workshop(`select name from ships where (${where}) and name not like 'spec%'`));

after(() => workshop("delete from ships where name like 'spec supabase%'"));

describe('supabase-js reads', () => {
  const filters = [
    ['eq', (q) => q.eq('name', 'Alba'), "name = 'Alba'"],
    ['neq', (q) => q.neq('name', 'Alba'), "name <> 'Alba'"],
    ['gt and lte', (q) => q.gt('built', 1890).lte('built', 1931), 'built > 1890 and built <= 1931'],
    ['like', (q) => q.like('name', '%r%'), "name like '%r%'"],
    ['ilike', (q) => q.ilike('name', 'ALB%'), "name ilike 'ALB%'"],
    ['likeAnyOf', (q) => q.likeAnyOf('name', ['A%', 'B%']), "name like any ('{A%,B%}')"],
    ['is', (q) => q.is('gone', null), 'gone is null'],
    ['in with commas', (q) => q.in('note', ['a.b.c', 'sunk, off Brest']), "note in ('a.b.c', 'sunk, off Brest')"],
    ['contains an array', (q) => q.contains('tags', ['iron']), "tags @> '{iron}'"],
    ['contains JSON', (q) => q.contains('facts', { masts: 2 }), `facts @> '{"masts": 2}'`],
    ['overlaps', (q) => q.overlaps('tags', ['wood', 'steam']), "tags && '{wood,steam}'"],
    ['match', (q) => q.match({ name: 'Brise', built: 1925 }), "name = 'Brise' and built = 1925"],
    ['not', (q) => q.not('built', 'in', '(1890,1960)'), 'not built in (1890, 1960)'],
    ['or', (q) => q.or('built.lt.1900,and(name.eq.Corvus,built.gt.1930)'), "built < 1900 or (name = 'Corvus' and built > 1930)"],
    ['filter on a JSON path', (q) => q.filter('facts->engine->>power', 'eq', '40'), "facts->'engine'->>'power' = '40'"],
  ];
  for (const [name, filter, where] of filters) {
    test(`the filter ${name} finds what SQL finds`, async () => {
      const found = await good(filter(ships().select('name')).not('name', 'like', 'spec%'));
      assert.deepEqual(names(found), await truth(where));
    });
  }

  test('related rows stand in their rows, to one, to many and through another table', async () => {
    const [alba] = await good(ships().select('name, crew:crews(name), calls(author, harbours(harbour_id))').eq('name', 'Alba').order('author', { referencedTable: 'calls' }));
    assert.equal(alba.crew.name, 'Larboard');
    assert.deepEqual(alba.calls.map((one) => one.harbours.harbour_id).sort(), ['BRE', 'ROT']);
    const inner = await good(ships().select('name, crews!inner(name)').eq('crews.name', 'Starboard'));
    assert.deepEqual(names(inner), ['Corvus']);
  });

  test('order, range and count say which rows these are of how many', async () => {
    const asked = ships().select('name', { count: 'exact' }).not('name', 'like', 'spec%').order('built', { ascending: false }).range(1, 2);
    const { data, count, status, error } = await asked;
    assert.equal(error, null);
    assert.deepEqual([status, count], [206, 4]);
    assert.deepEqual(data.map((row) => row.name), ['Corvus', 'Brise']);
    const head = await ships().select('*', { count: 'exact', head: true }).eq('name', 'Alba');
    assert.deepEqual([head.data, head.count, head.status], [null, 1, 200]);
  });

  test('one row is an object, none is null or an error, and several are an error', async () => {
    assert.equal((await good(ships().select('name').eq('name', 'Alba').single())).name, 'Alba');
    assert.equal(await good(ships().select('name').eq('name', 'Nobody').maybeSingle()), null);
    const none = await bad(ships().select('name').eq('name', 'Nobody').single(), 406, 'PGRST116');
    assert.match(none.details, /0 rows/);
    await bad(ships().select('name').in('name', ['Alba', 'Brise']).single(), 406, 'PGRST116');
  });

  test('rows come as CSV', async () => {
    assert.equal(await good(ships().select('name,built').eq('name', 'Alba').csv()), 'name,built\nAlba,1890');
  });

  test('what is given up is an error and no answer', async () => {
    const stop = new AbortController();
    stop.abort();
    const result = await ships().select('name').abortSignal(stop.signal);
    assert.equal(result.data, null);
    assert.match(result.error.message, /abort/i);
  });
});

describe('supabase-js writes', () => {
  test('a row is inserted, upserted, updated and deleted, and each step is in the database', async () => {
    const name = 'spec supabase a';
    const [made] = await good(ships().insert({ name, tags: ['new'] }).select(), 201);
    assert.deepEqual([made.name, made.tags, made.built], [name, ['new'], 1900]);
    const quiet = await ships().insert([{ name: 'spec supabase b' }, { name: 'spec supabase c' }]);
    assert.deepEqual([quiet.error, quiet.status, quiet.data], [null, 201, null]);
    const [again] = await good(ships().upsert({ name, built: 1901 }, { onConflict: 'name' }).select('id, built'));
    assert.deepEqual([again.id, again.built], [made.id, 1901]);
    const kept = await ships().upsert({ name, built: 1 }, { onConflict: 'name', ignoreDuplicates: true }).select();
    assert.deepEqual([kept.error, kept.data], [null, []]);
    const [changed] = await good(ships().update({ facts: { masts: 9 } }).eq('id', made.id).select('facts, crews(name)'));
    assert.deepEqual(changed, { facts: { masts: 9 }, crews: null });
    const [row] = await workshop('select built, facts from ships where name = $1', [name]);
    assert.deepEqual(row, { built: 1901, facts: { masts: 9 } });
    const gone = await ships().delete({ count: 'exact' }).like('name', 'spec supabase%');
    assert.deepEqual([gone.error, gone.status, gone.count], [null, 204, 3]);
    assert.deepEqual(await workshop("select 1 from ships where name like 'spec supabase%'"), []);
  });

  test('what the database refuses comes back in its own words', async () => {
    const taken = await bad(ships().insert({ name: 'Alba' }), 409, '23505');
    assert.match(taken.message, /ships_name_key/);
    assert.match(taken.details, /already exists/);
    await bad(ships().insert({ name: 'spec supabase', crew_id: '00000000-0000-4000-8000-000000000000' }), 409, '23503');
    await bad(ships().insert({ name: 'spec supabase', built: 'soon' }), 400, '22P02');
  });
});

describe('supabase-js calls functions', () => {
  test('a value, rows with filters, and what only reads by GET', async () => {
    assert.equal(await good(db.rpc('add', { a: 2, b: 3 })), 5);
    assert.equal(await good(db.rpc('add', { a: 2 }, { get: true })), 3);
    assert.deepEqual(await good(db.rpc('score', { seed: [1, 2, 3] }).gt('v', 10).order('v', { ascending: false })), [{ k: 'k3', v: 30 }, { k: 'k2', v: 20 }]);
    const crew = '7f1d4f9e-5b1a-4d8f-9a53-0c7a1f2b3e4f';
    const found = await good(db.rpc('ships_of', { crew }).select('name, calls(harbour_id)').eq('name', 'Brise'));
    assert.deepEqual(found, [{ name: 'Brise', calls: [{ harbour_id: 'BRE' }] }]);
  });

  test('a function that is not there is named', async () => {
    const error = await bad(db.rpc('no_such_function'), 404, 'PGRST202');
    assert.match(error.message, /no_such_function/);
  });
});

describe('what is asked wrongly', () => {
  test('is refused in PostgREST’s codes', async () => {
    assert.match((await bad(db.from('no_such_table').select(), 404, 'PGRST205')).message, /no_such_table/);
    await bad(ships().select('name, harbours_of(name)'), 400, 'PGRST200');
    await bad(ships().select('no_such_column'), 400, '42703');
    await bad(ships().select('name').order('nowhere(name)'), 400, 'PGRST108');
  });

  test('a key that opens nothing opens nothing here either', async () => {
    const stranger = createClient(world.url, 'ath_0000000000000000.nothing', { ...QUIET, global: { headers: { 'X-Athena-Client': 'workshop' } } });
    const result = await stranger.from('ships').select();
    assert.equal(result.status, 401);
    assert.equal(result.error.code, 'invalid_api_key');
  });
});

describe('postgrest-js', () => {
  test('reads with embeds, counts, and writes', async () => {
    const client = postgrest();
    const { data, count, error } = await client.from('crews').select('name, ships(name)', { count: 'exact' }).order('name');
    assert.equal(error, null);
    assert.equal(count, 2);
    assert.deepEqual(data[0].ships.map((ship) => ship.name).sort(), ['Alba', 'Brise']);
    const made = await client.from('harbours').upsert({ harbour_id: 'SPX', depth: 3 }).select().single();
    assert.deepEqual([made.error, made.data], [null, { harbour_id: 'SPX', depth: 3 }]);
    const gone = await client.from('harbours').delete().eq('harbour_id', 'SPX').select();
    assert.deepEqual(gone.data, [{ harbour_id: 'SPX', depth: 3 }]);
  });

  test('another schema is reached by its name, and only one that is there', async () => {
    const fleet = await good(postgrest().schema('fleet').from('ships').select('name').order('id'));
    assert.deepEqual(fleet.map((ship) => ship.name), ['Flagship', 'Tender']);
    const error = await bad(postgrest().schema('nowhere').from('ships').select(), 406, 'PGRST106');
    assert.match(error.message, /nowhere/);
  });
});

describe('a signed-in person', () => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  function token(claims) {
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${createHmac('sha256', world.jwtSecret).update(text).digest('base64url')}`;
  }
  const as = (tenant) =>
    createClient(world.url, world.libraryKey, { realtime: QUIET.realtime, accessToken: async () => token({ role: 'member', tenant }), global: { headers: { 'X-Athena-Client': 'tenants' } } });

  test('sees and changes the rows of their own tenant and no other', async () => {
    assert.deepEqual(await good(as('red').from('notes').select('text').order('text')), [{ text: 'red one' }, { text: 'red two' }]);
    assert.deepEqual(await good(as('blue').from('notes').select('text')), [{ text: 'blue one' }]);
    assert.deepEqual(await good(as('blue').from('notes').update({ text: 'mine' }).like('text', 'red%').select()), []);
    await bad(as('blue').from('notes').insert({ tenant: 'red', text: 'planted' }), 403, '42501');
    assert.deepEqual(await tenants("select count(*)::int as n from notes where tenant = 'red'"), [{ n: 2 }]);
  });

  test('is nobody without a token', async () => {
    await bad(supabase('tenants').from('notes').select(), 401, '42501');
  });
});
