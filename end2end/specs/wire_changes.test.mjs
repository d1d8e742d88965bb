// What the newer JavaScript library sends to change something, to call functions, and to do several things as one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { call, eq, good, LARBOARD, refused } from '../world/call.mjs';
import { workshop, world } from '../world/world.mjs';

const gone = () => workshop("delete from ships where name like 'wire%'");

describe('changes', () => {
  test('an object goes in and comes back, a list goes in and comes back', async () => {
    const insert = (insert_body, more = {}) => good(call('/gateway/insert', { table_name: 'ships', insert_body, columns: '*', ...more }, { method: 'PUT' }));
    const one = await insert({ name: 'wire one' });
    assert.equal(one.data.name, 'wire one');
    assert.deepEqual([one.affected, one.count], [1, 1]);
    const two = await insert([{ name: 'wire two', built: 5 }, { name: 'wire three' }], { columns: ['name', 'built'], count: 'exact' });
    assert.deepEqual([two.data, two.affected], [[{ name: 'wire two', built: 5 }, { name: 'wire three', built: 1900 }], 2]);
    const whole = await good(call('/gateway/insert', { table_name: 'ships', insert_body: { name: 'wire four' } }, { method: 'POST' }));
    assert.ok(whole.data.id > 0);
    await gone();
  });

  test('head answers only how many, and a missing member is null on demand', async () => {
    const insert_body = [{ name: 'wire a', note: 'x' }, { name: 'wire b' }];
    const head = await good(call('/gateway/insert', { table_name: 'ships', insert_body, count: 'exact', head: true, default_to_null: true }, { method: 'PUT' }));
    assert.equal(head.affected, 2);
    assert.ok(head.data === null || head.data.length === 0, head.text);
    assert.deepEqual(await workshop("select note from ships where name = 'wire b'"), [{ note: null }]);
    await gone();
  });

  test('an upsert sets what it is told, or leaves the row alone', async () => {
    const upsert = (depth, more) => good(call('/gateway/insert', { table_name: 'harbours', insert_body: { harbour_id: 'WIR', depth }, columns: '*', on_conflict: 'harbour_id', ...more }, { method: 'PUT' }));
    const depth = async () => (await workshop("select depth from harbours where harbour_id = 'WIR'"))[0].depth;
    await upsert(1);
    await upsert(2, { on_conflict: ['harbour_id'] });
    assert.equal(await depth(), 2);
    await upsert(3, { update_body: { depth: 30 } });
    assert.equal(await depth(), 30);
    assert.equal((await upsert(4, { update_body: {} })).affected, 0);
    assert.equal(await depth(), 30);
    await workshop("delete from harbours where harbour_id = 'WIR'");
  });

  test('an update and a delete say how many rows, with and without columns, under each method', async () => {
    await workshop("insert into ships (id, name) values (801, 'wire u'), (802, 'wire v'), (803, 'wire w')");
    const update = (body, method = 'POST') => good(call('/gateway/update', { table_name: 'ships', strip_nulls: true, ...body }, { method }));
    const both = [{ operator: 'in', column: 'id', value: [801, 802] }];
    assert.equal((await update({ update_body: { built: 7 }, conditions: both })).affected, 2);
    const told = await update({ update_body: { note: 'y' }, conditions: both, columns: ['id', 'note'] }, 'PATCH');
    assert.deepEqual(told.data, [{ id: 801, note: 'y' }, { id: 802, note: 'y' }]);
    const remove = (body, method = 'DELETE') => good(call('/gateway/delete', { table_name: 'ships', ...body }, { method }));
    assert.equal((await remove({ conditions: [eq('id', 801)], resource_id: '801' })).affected, 1);
    const last = await remove({ conditions: [eq('name', 'wire v')], columns: ['id'] });
    assert.deepEqual([last.affected, last.data], [1, [{ id: 802 }]]);
    assert.equal((await remove({ resource_id: '803' }, 'POST')).affected, 1);
    assert.deepEqual(await workshop("select id from ships where name like 'wire%'"), []);
  });

  test('an order with a limit or a page bounds an update and a delete', async () => {
    await workshop("insert into ships (id, name, built) values (811, 'wire p', 1), (812, 'wire q', 2), (813, 'wire r', 3)");
    const conditions = [{ operator: 'like', column: 'name', value: 'wire%' }];
    const sort_by = { field: 'built', direction: 'descending' };
    const update = await good(call('/gateway/update', { table_name: 'ships', update_body: { note: 'z' }, conditions, columns: ['id'], strip_nulls: true, sort_by, limit: 1, offset: 1 }));
    assert.deepEqual([update.data, update.affected], [[{ id: 812 }], 1]);
    const paged = { sort_by, page_size: 2, current_page: 2, total_pages: 2 };
    const remove = await good(call('/gateway/delete', { table_name: 'ships', conditions, columns: ['id'], ...paged }, { method: 'DELETE' }));
    assert.deepEqual([remove.data, remove.affected], [[{ id: 811 }], 1]);
    await refused(call('/gateway/delete', { table_name: 'ships', conditions, sort_by }, { method: 'DELETE' }), 400, 'invalid_field', /sort_by/);
    assert.equal((await workshop("select id from ships where name like 'wire%'")).length, 2);
    await gone();
  });

  test('a resource id beside conditions names no column of its own', async () => {
    await workshop("insert into harbours values ('WIX', 1)");
    const gone = await good(call('/gateway/delete', { table_name: 'public.harbours', conditions: [eq('harbour_id', 'WIX')], resource_id: 'WIX' }, { method: 'DELETE' }));
    assert.equal(gone.affected, 1);
  });

  test('what would touch every row is refused and touches none', async () => {
    const before = await workshop('select * from ships order by id');
    await refused(call('/gateway/update', { table_name: 'ships', update_body: { built: 0 } }), 400, 'missing_field', /condition/);
    await refused(call('/gateway/delete', { table_name: 'ships' }, { method: 'DELETE' }), 400, 'missing_field', /resource_id/);
    await refused(call('/gateway/insert', { table_name: 'ships', insert_body: [] }, { method: 'PUT' }), 400, 'invalid_payload');
    assert.equal((await call('/gateway/update', { table_name: 'ships', update_body: {}, conditions: [eq('id', 1)] })).status, 400);
    assert.deepEqual(await workshop('select * from ships order by id'), before);
  });

  test('a write sent twice under one key is done once', async () => {
    const send = () => call('/gateway/insert', { table_name: 'ships', insert_body: { name: 'wire once' } }, { method: 'PUT', headers: { 'idempotency-key': 'wire-once-1' } });
    const [first, second] = [await good(send()), await good(send())];
    assert.deepEqual(second.data, first.data);
    assert.equal(second.response.headers.get('idempotency-replayed'), 'true');
    assert.equal((await workshop("select 1 from ships where name = 'wire once'")).length, 1);
    await gone();
  });
});

describe('functions', () => {
  const TABLE = [{ k: 'k1', v: 10 }, { k: 'k2', v: 20 }, { k: 'k3', v: 30 }];

  test('rows of a function are filtered, ordered, counted and cut', async () => {
    const rpc = (more) => good(call('/gateway/rpc', { function: 'score', args: { seed: [1, 2, 3] }, ...more }));
    assert.deepEqual((await rpc({})).data, TABLE);
    const some = await rpc({ schema: 'public', select: 'k', filters: [{ column: 'v', operator: 'gte', value: 20 }], order: { column: 'k', ascending: false } });
    assert.deepEqual(some.data, [{ k: 'k3' }, { k: 'k2' }]);
    assert.deepEqual((await rpc({ order: { column: 'v' }, limit: 1, offset: 1 })).data, [TABLE[1]]);
    assert.deepEqual((await rpc({ count: 'exact', limit: 1 })).count, 3);
    const head = await rpc({ count: 'exact', head: true });
    assert.deepEqual([head.count, head.data], [3, []]);
    assert.deepEqual((await good(call('/gateway/rpc', { function_name: 'score', args: { seed: [2] } }))).data, [TABLE[1]]);
  });

  test('the address holds arguments, filters and an order', async () => {
    const get = (query) => good(call(`/rpc/${query}`, undefined, { method: 'GET' }));
    assert.deepEqual((await get('score?select=k&seed=%7B1%2C2%7D&k=in.%7Bk1%2Ck9%7D')).data, [{ k: 'k1' }]);
    assert.deepEqual((await get('score?seed=%7B1%2C2%2C3%7D&order=v.desc&limit=2')).data, [TABLE[2], TABLE[1]]);
    assert.deepEqual((await get('score?seed=%7B1%2C2%2C3%7D&v=gt.10&v=lt.30')).data, [TABLE[1]]);
    const head = await get('score?seed=%7B1%2C2%7D&count=exact&head=true');
    assert.deepEqual([head.count, head.data], [2, []]);
    assert.deepEqual((await get(`ships_of?crew=${LARBOARD}&order=id&select=name`)).data, [{ name: 'Alba' }, { name: 'Brise' }]);
  });

  test('the path names the function and the body its arguments', async () => {
    const post = (name, body) => good(call(`/rpc/${name}`, body));
    assert.deepEqual((await post('score', { seed: [3] })).data, [TABLE[2]]);
    assert.match(JSON.stringify((await post('add', { a: 2, b: 3 })).data), /5/);
    assert.match(JSON.stringify((await post('add', { a: 2 })).data), /3/, 'a default is left to the function');
  });

  test('what it changes is changed, and what is not there is named', async () => {
    await good(call('/gateway/rpc', { function: 'deepen', args: { harbour: 'ROT', by: 1 } }));
    assert.equal((await workshop("select depth from harbours where harbour_id = 'ROT'"))[0].depth, 25);
    await good(call('/gateway/rpc', { function: 'deepen', args: { harbour: 'ROT', by: -1 } }));
    await refused(call('/gateway/rpc', { function: 'no_such' }), 404, 'unknown_function', /no_such/);
    await refused(call('/gateway/rpc', { function: 'add', args: { a: 1, c: 2 } }), 400, 'no_matching_function');
    await refused(call('/gateway/rpc', { function: 'add', args: { a: 1 } }, { key: world.readKey }), 403, 'missing_right');
    await refused(call('/gateway/rpc', { function: 'score', args: { seed: [1] }, filters: [{ column: 'nope', operator: 'eq', value: 1 }] }), 400, 'unknown_column', /nope/);
  });
});

describe('transactions', () => {
  const OPTIONS = { deferrable: false, isolation_level: null, read_only: false };
  const run = (operations, options = OPTIONS) => call('/gateway/transaction', { idempotency_key: null, operations, options });
  const insert = (name) => ({ id: `tx_${name}`, kind: 'insert', payload: { table_name: 'ships', insert_body: { name }, columns: '*' } });

  test('all take effect, and each result is what the operation alone would answer', async () => {
    const answer = await run([
      insert('wire t'),
      { id: 'f', kind: 'fetch', payload: { table_name: 'ships', columns: ['name'], conditions: [eq('name', 'wire t')], limit: 1, strip_nulls: true } },
      { id: 'u', kind: 'update', payload: { table_name: 'ships', update_body: { built: 3 }, conditions: [eq('name', 'wire t')], strip_nulls: true } },
      { id: 'd', kind: 'delete', payload: { table_name: 'ships', conditions: [eq('name', 'wire t')] } },
    ]);
    assert.equal(answer.status, 200, answer.text);
    const results = answer.body.results ?? answer.body.data.results;
    assert.equal(results.length, 4);
    assert.deepEqual(results.map((result) => result.ok), [true, true, true, true]);
    assert.equal(results[0].data.name, 'wire t');
    assert.deepEqual(results[1].data, [{ name: 'wire t' }]);
    assert.deepEqual(results.slice(2).map((result) => result.count), [1, 1]);
    assert.equal(answer.body.committed, true);
    assert.deepEqual(await workshop("select 1 from ships where name = 'wire t'"), []);
  });

  test('one that fails takes the others back', async () => {
    const answer = await refused(run([insert('wire x'), insert('Alba')]), 409, 'unique_violation');
    assert.equal(answer.body.status, 'error');
    assert.deepEqual(await workshop("select 1 from ships where name = 'wire x'"), []);
  });

  test('isolation and reading only are kept', async () => {
    const fetch = { id: 'f', kind: 'fetch', payload: { table_name: 'ships', columns: ['name'], conditions: [eq('id', 1)] } };
    for (const isolation_level of ['read_committed', 'repeatable_read', 'serializable']) {
      const answer = await run([fetch], { deferrable: true, isolation_level, read_only: true });
      assert.equal(answer.status, 200, answer.text);
    }
    await refused(run([insert('wire r')], { ...OPTIONS, read_only: true }), 400, 'write_in_read_only');
    await refused(run([fetch], { ...OPTIONS, isolation_level: 'chaos' }), 400, 'invalid_field', /isolation_level/);
  });
});
