// The gateway as a program meets it, over plain HTTP.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { demo, world } from '../world/world.mjs';

async function call(path, { method = 'POST', body, key = world.apiKey, client = 'demo', headers = {} } = {}) {
  const response = await fetch(world.url + path, {
    method,
    headers: {
      ...(client ? { 'x-athena-client': client } : {}),
      ...(key ? { apikey: key } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
}

const PAID = {
  table_name: 'invoices',
  columns: ['invoice_id', 'status', 'amount'],
  conditions: [{ operator: 'eq', column: 'status', value: 'paid' }],
  limit: 3,
};

describe('the gateway', () => {
  test('three paid invoices come back in the envelope', async () => {
    const answer = await call('/gateway/fetch', { body: PAID });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.status, 'success');
    assert.equal(answer.json.data.length, 3);
    for (const row of answer.json.data) {
      assert.deepEqual(Object.keys(row), ['invoice_id', 'status', 'amount']);
      assert.equal(row.status, 'paid');
    }
    assert.match(answer.json.message, /3 rows/);
    assert.ok(answer.headers.get('x-request-id'));
  });

  test('the rows equal what PostgreSQL itself says they are', async () => {
    const answer = await call('/gateway/fetch', { body: { table_name: 'invoices', conditions: [{ operator: 'lte', column: 'invoice_id', value: 40 }], sort_by: { field: 'invoice_id', direction: 'asc' }, limit: 40 } });
    assert.equal(answer.status, 200, answer.text);
    const [{ rows }] = await demo('select json_agg(to_json(i) order by invoice_id)::text as rows from (select * from invoices where invoice_id <= 40) i');
    assert.deepEqual(answer.json.data.map(stable), JSON.parse(rows).map(stable));
  });

  test('without a key it is 401', async () => {
    const answer = await call('/gateway/fetch', { body: PAID, key: null });
    assert.equal(answer.status, 401, answer.text);
    assert.equal(answer.json.status, 'error');
  });

  test('a wrong key is 401 and is not repeated', async () => {
    const answer = await call('/gateway/fetch', { body: PAID, key: 'ath_0123456789abcdef.wrongwrongwrong' });
    assert.equal(answer.status, 401, answer.text);
    assert.ok(!answer.text.includes('wrongwrongwrong'));
  });

  test('every carrier of a key is understood, and the one that leaks into logs is not', async () => {
    const carriers = [{ 'x-athena-key': world.apiKey }, { authorization: `Bearer ${world.apiKey}` }, { apikey: world.apiKey }, { 'x-api-key': world.apiKey }];
    for (const headers of carriers) assert.equal((await call('/gateway/fetch', { body: PAID, key: null, headers })).status, 200, Object.keys(headers)[0]);
    assert.equal((await call(`/gateway/fetch?api_key=${world.apiKey}`, { body: PAID, key: null })).status, 401, 'unless keys.in_address is on');
    assert.equal((await call(`/gateway/fetch?apikey=${world.apiKey}`, { body: PAID, key: null })).status, 401);
  });

  const refusals = [
    ['an unknown table is a 404 that names it', { ...PAID, table_name: 'no_such' }, 404, 'unknown_table', /no_such/],
    ['an unknown column is a 400 that names it', { ...PAID, columns: ['no_such_column'] }, 400, 'unknown_column', /no_such_column/],
    ['an unknown column in a condition is named', { ...PAID, conditions: [{ operator: 'eq', column: 'no_col', value: 1 }] }, 400, 'unknown_column', /no_col/],
    ['an unknown operator is named', { ...PAID, conditions: [{ operator: 'resembles', column: 'status', value: 'paid' }] }, 400, undefined, /resembles/],
    ['a missing table name is asked for', {}, 400, undefined, /table_name is required/],
    ['JSON that is none is said to be none', '{"table_name": ', 400, 'invalid_json', /JSON/],
    ['a NUL byte in a value is refused', { ...PAID, conditions: [{ operator: 'eq', column: 'number', value: 'a\u0000b' }] }, 400, undefined, /./],
    ['an identifier of more than 63 bytes is refused', { ...PAID, table_name: 'x'.repeat(64) }, [400, 404], undefined, /./],
    ['an identifier with a quote is only a name', { ...PAID, table_name: 'invoices"; drop table invoices; --' }, [400, 404], undefined, /./],
    ['a value of the wrong type is refused', { ...PAID, conditions: [{ operator: 'eq', column: 'amount', value: 'twelve' }] }, 400, undefined, /./],
  ];
  for (const [name, body, status, code, words] of refusals) {
    test(name, async () => {
      const answer = await call('/gateway/fetch', { body });
      assert.ok([status].flat().includes(answer.status), `${answer.status}: ${answer.text}`);
      assert.equal(answer.json.status, 'error');
      if (code) assert.equal(answer.json.code, code);
      assert.match(answer.json.error, words);
      assert.ok(answer.json.trace_id.length <= 16 && answer.json.trace_id.length > 0);
    });
  }

  test('an unknown client is named, and a missing one is asked for', async () => {
    const unknown = await call('/gateway/fetch', { body: PAID, client: 'nobody_here' });
    assert.equal(unknown.status, 400, unknown.text);
    assert.match(unknown.json.error, /nobody_here/);
    const missing = await call('/gateway/fetch', { body: PAID, client: null });
    assert.equal(missing.status, 400);
    assert.equal(missing.json.code, 'missing_client_header');
  });

  test('a body over the limit is 413', async () => {
    const answer = await call('/gateway/fetch', { body: { ...PAID, padding: 'x'.repeat(20 * 1024 * 1024) } }).catch((error) => ({ status: error.cause?.code }));
    assert.ok([413, 'ECONNRESET', 'EPIPE'].includes(answer.status), String(answer.status));
    if (answer.status === 413) assert.equal(answer.json.code, 'body_too_large');
  });

  test('a row is inserted, changed and deleted, and each step is in the database', async () => {
    const name = 'Hollow Oak Ltd';
    const inserted = await call('/gateway/insert', { method: 'PUT', body: { table_name: 'organizations', insert_body: { name, slug: 'hollow-oak', country: 'IE' } } });
    assert.ok([200, 201].includes(inserted.status), inserted.text);
    const mine = () => demo("select organization_id as id, name, country from organizations where slug = 'hollow-oak'");
    const [{ id }] = await mine();
    const where = [{ operator: 'eq', column: 'organization_id', value: id }];
    const updated = await call('/gateway/update', { body: { table_name: 'organizations', conditions: where, set: { country: 'FR' } } });
    assert.equal(updated.status, 200, updated.text);
    assert.equal((await mine())[0].country, 'FR');
    const deleted = await call('/gateway/delete', { method: 'DELETE', body: { table_name: 'organizations', conditions: where } });
    assert.equal(deleted.status, 200, deleted.text);
    assert.equal((await mine()).length, 0);
  });

  test('an update or a delete without a filter is refused and changes nothing', async () => {
    const before = await demo('select count(*)::int as n from payments');
    const updated = await call('/gateway/update', { body: { table_name: 'payments', set: { fee: 1 } } });
    const deleted = await call('/gateway/delete', { method: 'DELETE', body: { table_name: 'payments', conditions: [] } });
    assert.deepEqual([updated.status, deleted.status], [400, 400]);
    assert.deepEqual(await demo('select count(*)::int as n from payments'), before);
  });

  test('a read-only key cannot write', async () => {
    const answer = await call('/gateway/insert', { method: 'PUT', key: world.readKey, body: { table_name: 'organizations', insert_body: { name: 'No', slug: 'no', country: 'NO' } } });
    assert.equal(answer.status, 403, answer.text);
    assert.equal((await call('/gateway/fetch', { body: PAID, key: world.readKey })).status, 200);
  });

  test('health, ping, the schema and the clients answer', async () => {
    assert.equal((await call('/ping', { method: 'GET', key: null, client: null })).status, 200);
    assert.equal((await call('/health', { method: 'GET', key: null, client: null })).status, 200);
    const tables = await call('/schema/tables', { method: 'GET' });
    assert.equal(tables.status, 200, tables.text);
    assert.match(tables.text, /invoice_lines/);
    const columns = await call('/schema/columns?table_name=invoices', { method: 'GET' });
    assert.equal(columns.status, 200, columns.text);
    assert.match(columns.text, /due_date/);
    assert.equal((await call('/schema/clients', { method: 'GET' })).status, 401, 'the list of clients is for the admin');
    const clients = await call('/schema/clients', { method: 'GET', key: null, headers: { 'x-athena-key': world.admin.key } });
    assert.equal(clients.status, 200, clients.text);
    assert.match(clients.text, /chinook/);
    assert.ok(!clients.text.includes('postgresql://'), 'a URI is shown');
  });

  test('an unknown path is a 404 in the envelope', async () => {
    const answer = await call('/gateway/fetsch', { body: PAID });
    assert.equal(answer.status, 404);
    assert.equal(answer.json.status, 'error');
  });
});

// Keys in one order, so that only values are compared.
const stable = (row) => JSON.stringify(Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));
