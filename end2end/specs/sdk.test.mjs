// The older JavaScript library, as the registry serves it, against the running server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createClient } from '@xylex-group/athena';
import { demo, workshop, world } from '../world/world.mjs';

const library = (options = {}, key = world.libraryKey) => createClient(world.url, key, { client: 'workshop', ...options });
const ships = (options, key) => library(options, key).from('ships');
const names = (rows) => rows.map((row) => row.name).sort();

/** The library's result, which must be a success. */
async function good(asked) {
  const result = await asked;
  assert.equal(result.error, null, JSON.stringify(result));
  assert.equal(result.status, 200);
  return result.data;
}

/** The library's result, which must be a failure it notices. */
async function bad(asked, status, words) {
  const result = await asked;
  assert.equal(result.status, status, JSON.stringify(result));
  assert.equal(typeof result.error, 'string', JSON.stringify(result));
  assert.match(result.error, words);
  return result.raw;
}

/** The names that PostgreSQL itself finds. */
const truth = async (where) => names(await workshop(`select name from ships where ${where}`));

describe('reads of the older library', () => {
  // A filter as the library has it, and the same in SQL. Rows of other specs have names that begin with "spec".
  const filters = [
    ['eq', (q) => q.eq('name', 'Alba'), "name = 'Alba'"],
    ['neq', (q) => q.neq('name', 'Alba'), "name <> 'Alba'"],
    ['gt', (q) => q.gt('built', 1925), 'built > 1925'],
    ['gte', (q) => q.gte('built', 1925), 'built >= 1925'],
    ['lt', (q) => q.lt('length', 22.75), 'length < 22.75'],
    ['lte', (q) => q.lte('length', 22.75), 'length <= 22.75'],
    ['like', (q) => q.like('name', '%r%'), "name like '%r%'"],
    ['like with an escaped sign', (q) => q.like('name', '%\\_1'), "name like '%\\_1'"],
    ['ilike', (q) => q.ilike('name', 'ALB%'), "name ilike 'ALB%'"],
    ['is null', (q) => q.is('gone', null), 'gone is null'],
    ['eq null', (q) => q.eq('crew_id', null), 'crew_id is null'],
    ['in', (q) => q.in('built', [1890, 1960]), 'built in (1890, 1960)'],
    ['in with text', (q) => q.in('note', ['a.b.c', 'sunk, off Brest']), "note in ('a.b.c', 'sunk, off Brest')"],
    ['in an empty list', (q) => q.in('built', []), 'false'],
    ['contains', (q) => q.contains('tags', ['iron']), "tags @> '{iron}'"],
    ['containedBy', (q) => q.containedBy('tags', ['iron', 'steam', 'sail']), "tags <@ '{iron,steam,sail}'"],
    ['match', (q) => q.match({ name: 'Brise', built: 1925 }), "name = 'Brise' and built = 1925"],
    ['a UUID', (q) => q.eq('crew_id', '7f1d4f9e-5b1a-4d8f-9a53-0c7a1f2b3e4f'), "crew_id = '7f1d4f9e-5b1a-4d8f-9a53-0c7a1f2b3e4f'"],
    ['not with a column', (q) => q.not('built', 'eq', 1925), 'not built = 1925'],
    ['not in', (q) => q.not('built', 'in', [1890, 1960]), 'not built in (1890, 1960)'],
    ['not with an expression', (q) => q.not('built.eq.1925'), 'not built = 1925'],
    ['not of two joined by and', (q) => q.not('built.gt.1900,name.eq.Brise'), "not (built > 1900 and name = 'Brise')"],
    ['or', (q) => q.or('built.lt.1900,name.eq.Corvus'), "built < 1900 or name = 'Corvus'"],
    ['or with groups', (q) => q.or('and(built.gt.1900,built.lt.1930),not.built.lt.1960'), '(built > 1900 and built < 1930) or not built < 1960'],
    ['or with a list and null', (q) => q.or('built.in.(1890,1925),crew_id.is.null'), 'built in (1890, 1925) or crew_id is null'],
    ['or with dots in a value', (q) => q.or('note.eq.a.b.c,built.eq.1'), "note = 'a.b.c' or built = 1"],
    ['several at once', (q) => q.gt('built', 1900).contains('tags', ['iron']).or('name.eq.Brise,name.eq.Corvus').is('gone', null), "built > 1900 and tags @> '{iron}' and name in ('Brise', 'Corvus') and gone is null"],
  ];
  for (const [name, filter, where] of filters) {
    test(`the filter ${name} finds what SQL finds`, async () => {
      const found = await good(filter(ships().not('name', 'like', 'spec%')).select('id, name'));
      assert.deepEqual(names(found), await truth(`(${where}) and name not like 'spec%'`));
    });
  }

  test('columns are a star, a list with spaces, or an array, and come in that order', async () => {
    const alba = () => ships({ stripNulls: false }).eq('name', 'Alba');
    const star = await good(alba().select());
    assert.deepEqual(Object.keys(star[0]), ['id', 'name', 'crew_id', 'length', 'built', 'tags', 'facts']);
    assert.deepEqual(Object.keys((await good(alba().select('built, name')))[0]), ['built', 'name']);
    assert.deepEqual(Object.keys((await good(alba().select(['name', 'id'])))[0]), ['name', 'id']);
    assert.deepEqual(star[0].tags, ['sail', 'wood']);
    assert.deepEqual(star[0].facts, { masts: 2 });
  });

  test('nulls are left out unless they are asked for', async () => {
    const alba = () => ships().eq('name', 'Alba');
    assert.ok(!('gone' in (await good(alba().select()))[0]));
    const all = await good(alba().select('*', { stripNulls: false }));
    assert.deepEqual([all[0].gone, all[0].note], [null, null]);
  });

  test('limit, offset and range walk through a table without gaps', async () => {
    const payments = () => library({ client: 'demo' }).from('invoice_lines').lt('invoice_id', 40);
    const [{ n }] = await demo('select count(*)::int as n from invoice_lines where invoice_id < 40');
    const seen = new Set();
    for (let from = 0; from < n; from += 25) {
      const page = await good(payments().range(from, from + 24).select('invoice_id, line_number'));
      assert.equal(page.length, Math.min(25, n - from));
      for (const row of page) seen.add(`${row.invoice_id}-${row.line_number}`);
    }
    assert.equal(seen.size, n);
    assert.equal((await good(payments().limit(3).select())).length, 3);
    assert.deepEqual(await good(payments().offset(n).select()), []);
  });

  test('single and maybeSingle answer one row, or null', async () => {
    assert.equal((await good(ships().eq('name', 'Corvus').single())).built, 1931);
    assert.equal((await good(ships().eq('name', 'Corvus').maybeSingle('id, name'))).name, 'Corvus');
    assert.equal(await good(ships().eq('name', 'Nobody').maybeSingle()), null);
    assert.equal(await good(ships().eq('name', 'Nobody').single()), null);
  });

  test('a table of another schema is named with its schema', async () => {
    assert.deepEqual(names(await good(library().from('fleet.ships').select())), ['Flagship', 'Tender']);
  });

  test('the demo\'s rows are what PostgreSQL says they are', async () => {
    const found = await good(library({ client: 'demo' }).from('invoices').lte('invoice_id', 30).select('invoice_id, number, status', { stripNulls: false }));
    const rows = await demo('select invoice_id::int, number, status::text from invoices where invoice_id <= 30 order by invoice_id');
    assert.deepEqual(found.sort((a, b) => a.invoice_id - b.invoice_id), rows.map((row) => ({ ...row })));
  });
});

describe('changes of the older library', () => {
  test('an inserted object comes back as one, an array as an array', async () => {
    const one = await good(ships().insert({ name: 'spec one', built: 2001 }));
    assert.ok(!Array.isArray(one), JSON.stringify(one));
    assert.deepEqual([one.name, one.built, one.note], ['spec one', 2001, 'new']);
    const many = await good(ships().insert([{ name: 'spec two', built: 2002 }, { name: 'spec three' }]).select('name, built'));
    assert.deepEqual(many, [{ name: 'spec two', built: 2002 }, { name: 'spec three', built: 1900 }]);
    const single = await good(ships().insert({ name: 'spec four' }).single('name'));
    assert.deepEqual(single, { name: 'spec four' });
    assert.equal((await truth("name like 'spec%'")).length, 4);
    await workshop("delete from ships where name like 'spec%'");
  });

  test('what is missing of a row is its default, or null when that is asked for', async () => {
    const rows = [{ name: 'spec five', note: 'given' }, { name: 'spec six' }];
    const kept = await good(ships({ stripNulls: false }).insert(rows).select('name, note'));
    assert.deepEqual(kept.map((row) => row.note), ['given', 'new']);
    await workshop("delete from ships where name like 'spec%'");
    await good(ships().insert(rows, { defaultToNull: true }));
    assert.deepEqual(await workshop("select note from ships where name = 'spec six'"), [{ note: null }]);
    await workshop("delete from ships where name like 'spec%'");
  });

  test('an upsert changes all, the given columns, or nothing', async () => {
    const harbours = () => library({ stripNulls: false }).from('harbours');
    const upsert = (row, options) => good(harbours().upsert(row, options));
    await upsert({ harbour_id: 'SPC', depth: 1 }, { onConflict: 'harbour_id' });
    await upsert({ harbour_id: 'SPC', depth: 2 }, { onConflict: ['harbour_id'] });
    const depth = async () => (await workshop("select depth from harbours where harbour_id = 'SPC'"))[0].depth;
    assert.equal(await depth(), 2);
    await upsert({ harbour_id: 'SPC', depth: 3 }, { onConflict: 'harbour_id', updateBody: { depth: 7 } });
    assert.equal(await depth(), 7);
    await upsert({ harbour_id: 'SPC', depth: 9 }, { onConflict: 'harbour_id', updateBody: {} });
    assert.equal(await depth(), 7);
    await workshop("delete from harbours where harbour_id = 'SPC'");
  });

  test('an update changes the rows of the filters before it and no others', async () => {
    await workshop("insert into ships (name, built) values ('spec up', 1), ('spec up too', 1), ('spec other', 1)");
    const changed = await good(ships().like('name', 'spec up%').update({ built: 2 }).select('name, built'));
    assert.deepEqual(names(changed), ['spec up', 'spec up too']);
    const single = await good(ships().eq('name', 'spec up').update({ note: 'x' }).single());
    assert.equal(single.note, 'x');
    assert.deepEqual(await workshop("select name, built from ships where name like 'spec%' order by name"), [
      { name: 'spec other', built: 1 }, { name: 'spec up', built: 2 }, { name: 'spec up too', built: 2 },
    ]);
    await workshop("delete from ships where name like 'spec%'");
  });

  test('a delete takes a filter, an id, or a resource id, and each row once', async () => {
    await workshop("insert into ships (id, name) values (901, 'spec a'), (902, 'spec b'), (903, 'spec c'), (904, 'spec d')");
    await good(ships().eq('name', 'spec a').delete());
    await good(ships().eq('id', 902).delete());
    await good(ships().delete({ resourceId: '903' }));
    assert.deepEqual(await truth("name like 'spec%'"), ['spec d']);
    await workshop("insert into harbours values ('SPD', 1)");
    await good(library().from('harbours').delete({ resourceId: 'SPD' }));
    assert.equal((await workshop("select 1 from harbours where harbour_id = 'SPD'")).length, 0);
    await good(ships().eq('id', 904).delete({ resourceId: '904' }));
    assert.deepEqual(await truth("name like 'spec%'"), []);
  });

  test('an update without a filter is refused and changes nothing', async () => {
    const before = await workshop('select id, note from ships order by id');
    await bad(ships().update({ note: 'everything' }), 400, /./);
    assert.deepEqual(await workshop('select id, note from ships order by id'), before);
  });
});

describe('failures are strings that the older library notices', () => {
  test('a wrong key', async () => {
    const raw = await bad(ships({}, 'ath_0123456789abcdef.wrongwrongwrong').select(), 401, /key/i);
    assert.equal(raw.code, 'invalid_api_key');
    assert.ok(!JSON.stringify(raw).includes('wrongwrongwrong'));
  });

  test('a key without the right to write', async () => {
    await bad(ships({}, world.readKey).insert({ name: 'spec no' }), 403, /./);
    assert.deepEqual(await truth("name = 'spec no'"), []);
  });

  test('an unknown table, column, client and operator are named', async () => {
    await bad(library().from('no_such').select(), 404, /no_such/);
    await bad(ships().select('no_column'), 400, /no_column/);
    await bad(ships().eq('no_column', 1).select(), 400, /no_column/);
    await bad(ships().or('name.resembles.Alba').select(), 400, /resembles/);
    await bad(ships().insert({ name: 'spec no', no_column: 1 }), 400, /no_column/);
    await bad(ships({ client: 'nobody_here' }).select(), 400, /nobody_here/);
    await bad(ships({ client: '', headers: { 'X-Athena-Client': 'nobody_either' } }).select(), 400, /nobody_either/);
  });

  test('what the database refuses names its constraint', async () => {
    const taken = await bad(ships().insert({ name: 'Alba' }), 409, /./);
    assert.deepEqual([taken.code, taken.details.constraint], ['unique_violation', 'ships_name_key']);
    const missing = await bad(ships().insert({ built: 1 }), 400, /name/);
    assert.equal(missing.code, 'not_null_violation');
    const orphan = await bad(library().from('calls').insert({ ship_id: 424242, harbour_id: 'BRE' }), 422, /./);
    assert.equal(orphan.code, 'foreign_key_violation');
    await bad(ships().eq('built', 'twelve').select(), 400, /./);
  });

  test('a server that is not there is status 0', async () => {
    const nobody = createClient('http://127.0.0.1:9', world.libraryKey, { client: 'workshop' });
    const result = await nobody.from('ships').select();
    assert.equal(result.status, 0);
    assert.equal(typeof result.error, 'string');
  });
});

describe('what goes beside', () => {
  test('ids of who asks, other keys and a base with a slash do no harm', async () => {
    const options = { userId: 'u-1', companyId: 'c-1', organizationId: 'o-1', client: 'workshop' };
    const slashed = createClient(`${world.url}/`, world.libraryKey, options);
    assert.equal((await good(slashed.from('ships').eq('name', 'Alba').select())).length, 1);
    const below = createClient(`${world.url}/db`, world.libraryKey, { client: 'workshop' });
    assert.equal((await good(below.from('ships').eq('name', 'Alba').select())).length, 1);
  });

  test('an event that nobody would send is refused and not dropped', async () => {
    await bad(ships({ publishEvent: 'true' }).select(), 400, /x-publish-event/);
  });

  test('many at once each get their own answer', async () => {
    const asked = Array.from({ length: 60 }, (_, n) => good(library({ client: 'demo' }).from('invoices').eq('invoice_id', n + 1).single('invoice_id')));
    const answers = await Promise.all(asked);
    assert.deepEqual(answers.map((row) => row.invoice_id), Array.from({ length: 60 }, (_, n) => n + 1));
  });
});
