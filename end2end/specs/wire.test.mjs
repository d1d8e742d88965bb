// What the newer JavaScript library sends to read, form by form, against the running server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { call, eq, fetchShips, FIRST, good, LARBOARD, names, refused } from '../world/call.mjs';
import { world } from '../world/world.mjs';

describe('a fetch in the classic form', () => {
  test('every kind of condition at once, sorted and paged', async () => {
    const conditions = [
      FIRST,
      { operator: 'neq', column: 'built', value: 1 },
      { operator: 'in', column: 'id', value: [1, 2, 3, 4] },
      { operator: 'not', value: 'id.in.1,4' },
      { operator: 'or', value: 'built.eq.1925,built.gt.1930' },
      { operator: 'contains', column: 'tags', value: ['iron'] },
      { operator: 'not', value: 'note.is.null' },
    ];
    const body = { columns: ['id', 'name'], conditions, sort_by: { field: 'id', direction: 'descending' }, limit: 10, offset: 0 };
    assert.deepEqual((await fetchShips(body)).data, [{ id: 3, name: 'Corvus' }, { id: 2, name: 'Brise' }]);
    assert.deepEqual((await fetchShips({ ...body, limit: 1, offset: 1 })).data, [{ id: 2, name: 'Brise' }]);
  });

  test('an equality says its column and value twice and means it once', async () => {
    assert.deepEqual(names((await fetchShips({ conditions: [eq('name', 'Alba')] })).data), ['Alba']);
    assert.deepEqual(names((await fetchShips({ conditions: [eq('crew_id', null)] })).data), ['Dana_1']);
  });

  test('casts of a column and of a value are compared as that type', async () => {
    const casts = { column_cast: 'text', eq_column_cast: 'text', value_cast: 'text', eq_value_cast: 'text' };
    const found = await fetchShips({ conditions: [{ ...eq('crew_id', LARBOARD), ...casts }], sort_by: { field: 'id', direction: 'ascending' } });
    assert.deepEqual(names(found.data), ['Alba', 'Brise']);
    assert.deepEqual(names((await fetchShips({ conditions: [{ ...eq('built', '1890'), column_cast: 'text', eq_column_cast: 'text' }] })).data), ['Alba']);
  });

  test('pages follow one another, and a limit and an offset have the last word', async () => {
    const page = (more) => fetchShips({ columns: 'id, name', conditions: [FIRST], sort_by: { field: 'id', direction: 'asc' }, page_size: 3, total_pages: 2, ...more });
    assert.deepEqual(names((await page({ current_page: 1 })).data), ['Alba', 'Brise', 'Corvus']);
    assert.deepEqual(names((await page({ current_page: 2 })).data), ['Dana_1']);
    assert.deepEqual(names((await page({ current_page: 1, limit: 1 })).data), ['Alba']);
  });

  test('a count is of all that match, and head answers it without rows', async () => {
    for (const count of ['exact', 'planned', 'estimated']) {
      const some = await fetchShips({ conditions: [FIRST], count, limit: 1 });
      assert.deepEqual([some.count, some.data.length], [4, 1], count);
    }
    const head = await fetchShips({ conditions: [FIRST], count: 'exact', head: true, limit: 1, offset: 2 });
    assert.deepEqual([head.count, head.data], [4, []]);
  });

  test('a table of another schema, quoted or not, is found', async () => {
    for (const table_name of ['fleet.ships', '"fleet"."ships"']) {
      const found = await good(call('/gateway/fetch', { table_name, columns: '*', sort_by: { field: 'id', direction: 'asc' } }));
      assert.deepEqual(names(found.data), ['Flagship', 'Tender']);
    }
  });

  test('columns may be absent, text with spaces, or named anew', async () => {
    assert.ok('facts' in (await fetchShips({ conditions: [eq('id', 1)] })).data[0]);
    assert.deepEqual((await fetchShips({ columns: 'id, label:name', conditions: [eq('id', 1)] })).data, [{ id: 1, label: 'Alba' }]);
    assert.deepEqual((await fetchShips({ columns: 'id, name as label', conditions: [eq('id', 1)] })).data, [{ id: 1, label: 'Alba' }]);
  });

  test('nulls are left out by the body, then by the header', async () => {
    const dana = (body, header) => good(call('/gateway/fetch', { table_name: 'ships', columns: 'id,crew_id', conditions: [eq('id', 4)], ...body }, { headers: { 'x-strip-nulls': header } }));
    assert.deepEqual((await dana({ strip_nulls: true }, 'true')).data, [{ id: 4 }]);
    assert.deepEqual((await dana({}, 'true')).data, [{ id: 4 }]);
    assert.deepEqual((await dana({ strip_nulls: false }, 'false')).data, [{ id: 4, crew_id: null }]);
  });
});

describe('a fetch in the structured form', () => {
  const ORDERED = { orderBy: { id: 'asc' } };

  test('conditions stand in an object, several for one column, beside or and not', async () => {
    const where = { built: { gt: 1890, lt: 1960 }, id: { in: [1, 2, 3, 4] } };
    assert.deepEqual(names((await fetchShips({ select: 'id,name', where, ...ORDERED })).data), ['Brise', 'Corvus']);
    const either = { or: [{ name: { eq: 'Alba' } }, { name: { eq: 'Brise' } }], not: { built: { eq: 1925 } } };
    assert.deepEqual(names((await fetchShips({ select: 'id,name', where: either, ...ORDERED })).data), ['Alba']);
  });

  test('related rows stand inside: one as an object or null, many as an array', async () => {
    const select = 'id,name,crews(name),calls(harbour_id,harbours(depth))';
    const { data } = await fetchShips({ select, where: { id: { in: [1, 4] } }, orderBy: { id: 'asc' }, strip_nulls: false });
    assert.deepEqual(data[0].crews, { name: 'Larboard' });
    const calls = data[0].calls.sort((a, b) => (a.harbour_id < b.harbour_id ? -1 : 1));
    assert.deepEqual(calls, [{ harbour_id: 'BRE', harbours: { depth: 14 } }, { harbour_id: 'ROT', harbours: { depth: 24 } }]);
    assert.deepEqual([data[1].crews, data[1].calls], [null, []]);
  });

  test('a relation is named with its schema, by another name, and by its column', async () => {
    const where = { id: { eq: 1 } };
    const named = await fetchShips({ select: 'id,crew:public.crews(id,name)', where });
    assert.deepEqual(named.data, [{ id: 1, crew: { id: LARBOARD, name: 'Larboard' } }]);
    const byColumn = await fetchShips({ select: 'id,crew:crew_id(name)', where });
    assert.deepEqual(byColumn.data, [{ id: 1, crew: { name: 'Larboard' } }]);
  });

  test('an object tree selects columns and relations', async () => {
    const select = { name: true, crews: { as: 'crew', select: { name: true } }, calls: { schema: 'public', select: { harbour_id: true } } };
    const { data } = await fetchShips({ select, where: { name: { eq: 'Brise' } }, orderBy: { column: 'id', ascending: false } });
    assert.deepEqual(data, [{ name: 'Brise', crew: { name: 'Larboard' }, calls: [{ harbour_id: 'BRE' }] }]);
  });

  test('limit and offset hold here too', async () => {
    assert.deepEqual(names((await fetchShips({ select: 'name', where: { id: { lt: 5 } }, orderBy: { id: 'desc' }, limit: 2, offset: 1 })).data), ['Corvus', 'Brise']);
  });
});

describe('reads by key in SQL', () => {
  // `{query}` and nothing else: what the library makes of an equality with a UUID.
  const reads = [
    [`SELECT "id", "name" FROM "ships" WHERE "crew_id"::text = '${LARBOARD}' ORDER BY "id" DESC LIMIT 3;`, ['Brise', 'Alba']],
    [`SELECT * FROM "public"."ships" WHERE "crew_id" = '${LARBOARD}'::uuid AND "built" > 1900;`, ['Brise']],
    [`SELECT "name" FROM "ships" WHERE "crew_id"::text IN ('${LARBOARD}') ORDER BY "id" ASC LIMIT 1 OFFSET 1;`, ['Brise']],
    [`SELECT "name" FROM "ships" WHERE "crew_id"::text = '${LARBOARD}' AND "gone" IS NULL;`, ['Alba']],
    [`SELECT "name" FROM "ships" WHERE "crew_id"::text = '${LARBOARD}' AND "gone" = NULL;`, ['Alba']],
    [`SELECT "name" FROM "ships" WHERE "crew_id"::text = '${LARBOARD}' AND "name" ILIKE 'b%';`, ['Brise']],
    [`SELECT "name" FROM "ships" WHERE "crew_id"::text = '${LARBOARD}' AND FALSE;`, []],
    [`SELECT "name" FROM "ships" WHERE "crew_id"::text = 'O''Brien';`, []],
  ];
  for (const [query, found] of reads) {
    test(`${query.slice(query.indexOf('WHERE')).replace(LARBOARD, '…')} runs under the right to read`, async () => {
      const answer = await good(call('/gateway/query', { query }, { key: world.readKey }));
      assert.deepEqual(names(answer.data), found);
    });
  }

  test('nulls stay in what SQL answers', async () => {
    const { data } = await good(call('/gateway/query', { query: `SELECT "name", "gone" FROM "ships" WHERE "crew_id"::text = '${LARBOARD}' AND "id" = 1;` }));
    assert.deepEqual(data, [{ name: 'Alba', gone: null }]);
  });

  test('anything else in SQL needs the right to SQL', async () => {
    const other = `SELECT "name" FROM "ships" WHERE "crew_id"::text = '${LARBOARD}' OR 1 = 1;`;
    const { body } = await refused(call('/gateway/query', { query: other }, { key: world.readKey }), 403, 'missing_right');
    assert.deepEqual(body.details.missing_rights, ['gateway.query']);
  });
});

describe('SQL', () => {
  test('values are bound, and the shape that is expected changes nothing', async () => {
    const body = { query: 'select name from ships where built = $1 and name <> $2', params: [1925, "'; drop table ships; --"], operation: 'query', expectedShape: 'rows' };
    const answer = await good(call('/gateway/query', body));
    assert.deepEqual(answer.data, [{ name: 'Brise' }]);
    assert.equal(answer.body.meta.returned_row_count, 1);
    assert.equal(answer.body.meta.statement_count, 1);
  });

  test('a relation that is not there is refused in words, and a change says how many rows', async () => {
    await refused(call('/gateway/query', { query: 'select * from no_such_relation' }), 400, 'undefined_table');
    const changed = await good(call('/gateway/query', { query: 'update harbours set depth = depth where harbour_id = $1', params: ['BRE'] }));
    assert.equal(changed.affected, 1);
  });
});
