// What libraries and pages of other sites find beside the data: health, discovery, preflights, and how answers are read.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { call, fetchShips, FIRST, refused } from '../world/call.mjs';
import { world } from '../world/world.mjs';

describe('health and discovery', () => {
  const plain = (path) => fetch(world.url + path, { headers: { accept: 'application/json', 'x-api-key': 'not-a-key' } });

  for (const path of ['/db/health', '/db/', '/health', '/', '/api/athena/health']) {
    test(`${path} names a version the library works with, without a key`, async () => {
      const response = await plain(path);
      assert.equal(response.status, 200);
      const body = await response.json();
      assert.equal(typeof body.message, 'string');
      assert.equal(typeof body.status, 'string');
      assert.match(body.version, /^[45]\.\d+\.\d+/);
      assert.equal(body.release.product, 'athena');
    });
  }

  test('the discovery document points at what is served', async () => {
    const document = await (await plain('/api/athena/capabilities')).json();
    assert.equal(document.athena, true);
    assert.deepEqual(document.protocol, { major: 1, minor: 1 });
    for (const name of ['data', 'fetch', 'insert', 'update', 'delete', 'rawSql', 'rpc', 'nestedRelations']) assert.equal(document.capabilities[name], true, name);
    const answer = await fetch(`${world.url}${document.endpoints.data}/gateway/fetch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-athena-client': 'workshop', 'x-athena-key': world.libraryKey },
      body: JSON.stringify({ table_name: 'crews' }),
    });
    assert.equal(answer.status, 200);
  });
});

describe('pages of other sites', () => {
  const SENT = [
    'apikey', 'x-api-key', 'x-athena-key', 'authorization', 'content-type', 'accept', 'cache-control', 'cookie', 'x-athena-sdk', 'x-athena-client',
    'x-user-id', 'x-company-id', 'x-organization-id', 'x-backend-type', 'x-strip-nulls', 'x-publish-event', 'x-supabase-url', 'x-supabase-key',
    'x-athena-auth-session-token', 'x-athena-auth-bearer-token', 'x-request-id', 'idempotency-key', 'x-idempotency-key',
  ];

  test('a preflight lets every header and every method of the libraries through', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await fetch(`${world.url}/db/gateway/fetch`, {
        method: 'OPTIONS',
        headers: { origin: 'https://shop.example', 'access-control-request-method': method, 'access-control-request-headers': SENT.join(',') },
      });
      assert.ok(response.ok, `${method}: ${response.status}`);
      const list = (name) => (response.headers.get(name) ?? '').toLowerCase().split(',').map((word) => word.trim());
      assert.ok(list('access-control-allow-methods').includes(method.toLowerCase()), method);
      assert.deepEqual(SENT.filter((name) => !list('access-control-allow-headers').includes(name)), []);
    }
  });

  test('the ids of an answer can be read by the page', async () => {
    const { response } = await call('/gateway/fetch', { table_name: 'crews' }, { headers: { origin: 'https://shop.example' } });
    const exposed = response.headers.get('access-control-expose-headers').toLowerCase();
    for (const name of ['x-request-id', 'x-athena-request-id', 'x-correlation-id']) assert.ok(exposed.includes(name), name);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
  });
});

describe('how an answer is read', () => {
  test('data is the rows themselves, and every answer has an id, also a refusal', async () => {
    const answer = await fetchShips({ conditions: [FIRST] });
    assert.ok(Array.isArray(answer.data));
    assert.ok(answer.requestId);
    const own = await call('/gateway/fetch', { table_name: 'no_such' }, { headers: { 'x-request-id': 'mine-42' } });
    assert.equal(own.requestId, 'mine-42');
    assert.match(own.response.headers.get('content-type'), /json/);
  });

  test('whatever is wrong is JSON with a string in error', async () => {
    await refused(call('/gateway/fetch', '{"table_name": '), 400, 'invalid_json');
    await refused(call('/gateway/fetch', '[]'), 400, 'invalid_payload');
    await refused(call('/gateway/fetch', {}), 400, 'missing_field');
    await refused(call('/gateway/fetch', { table_name: 'no_such' }), 404, 'unknown_table', /no_such/);
    await refused(call('/gateway/fetch', { table_name: 'ships', nonsense: 1 }), 400, 'unknown_field', /nonsense/);
    await refused(call('/gateway/fetch', { table_name: 'ships' }, { key: 'ath_0123456789abcdef.wrong' }), 401, 'invalid_api_key');
    await refused(call('/gateway/fetch', { table_name: 'ships' }, { key: '' }), 401, 'api_key_required');
    await refused(call('/gateway/nothing', {}), 404, 'not_found');
    await refused(call('/gateway/insert', { table_name: 'ships', insert_body: { name: 'Alba' } }, { method: 'PUT' }), 409, 'unique_violation', /ships_name_key/);
  });

  test('a database named in a header is refused unless it was opened', async () => {
    for (const name of ['x-pg-uri', 'x-athena-jdbc-url', 'x-jdbc-url']) {
      const answer = await call('/gateway/fetch', { table_name: 'ships' }, { headers: { [name]: 'jdbc:postgresql://127.0.0.1:1/x' } });
      assert.ok([400, 403].includes(answer.status), answer.text);
      assert.equal(typeof answer.body.error, 'string');
    }
  });

  test('the newer library gets an envelope, the older one rows, and who names a shape gets it', async () => {
    const ask = (headers) => fetch(`${world.url}/gateway/fetch`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'x-athena-client': 'workshop', ...headers }, body: JSON.stringify({ table_name: 'crews' }),
    }).then((response) => response.json());
    const old = { apikey: world.libraryKey, 'x-api-key': world.libraryKey, 'x-strip-nulls': 'true' };
    assert.ok(Array.isArray(await ask(old)));
    assert.ok(Array.isArray((await ask({ ...old, 'x-athena-sdk': 'xylex-group/athena 5.2.0' })).data));
    assert.ok(Array.isArray((await ask({ ...old, 'x-athena-response': 'envelope' })).data));
    assert.ok(Array.isArray(await ask({ 'x-athena-key': world.libraryKey, 'x-athena-response': 'bare' })));
  });
});
