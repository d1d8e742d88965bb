// One request as the newer JavaScript library sends it, and the rules it reads the answer by.
import assert from 'node:assert/strict';
import { world } from './world.mjs';

const HEADERS = { 'x-athena-sdk': 'xylex-group/athena 5.2.0', 'content-type': 'application/json', 'x-strip-nulls': 'true' };

/** `/db` is where it looks when it was given one address for everything. */
export async function call(path, body, { method = 'POST', key = world.libraryKey, client = 'workshop', headers = {} } = {}) {
  const response = await fetch(`${world.url}/db${path}`, {
    method,
    headers: { ...HEADERS, 'x-athena-client': client, 'x-athena-key': key, ...headers },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { response, status: response.status, ...read(await response.text(), response) };
}

const COUNTS = ['affectedRows', 'affected_rows', 'row_count', 'rows_affected', 'rowCount', 'rows_written', 'changes'];
const said = (text) => (typeof text === 'string' && text.trim() !== '' ? text : undefined);

function read(text, { ok, headers }) {
  const looksLikeJson = headers.get('content-type')?.includes('json') || /^\s*[[{]/.test(text);
  const body = text === '' ? null : looksLikeJson ? JSON.parse(text) : text;
  const requestId = headers.get('x-request-id') ?? headers.get('x-correlation-id') ?? headers.get('x-athena-request-id');
  const shared = { text, body, requestId };
  if (!ok) {
    const nested = typeof body?.error === 'object' ? body.error?.message : undefined;
    return { ...shared, error: said(nested) ?? said(body?.message) ?? said(body?.error) ?? said(body?.details), code: body?.code };
  }
  const places = [body, body?.meta, body?.data].filter((place) => place !== null && typeof place === 'object');
  const counts = places.flatMap((place) => COUNTS.map((name) => place[name])).filter((value) => typeof value === 'number');
  return {
    ...shared,
    data: body !== null && typeof body === 'object' && 'data' in body ? body.data : body,
    count: typeof body?.count === 'number' ? body.count : null,
    affected: counts[0] ?? (typeof body?.count === 'number' ? body.count : null),
  };
}

/** An answer that is a success. */
export async function good(asked) {
  const answer = await asked;
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.status, 'success');
  return answer;
}

/** An answer that refuses, and says why as libraries look for it. */
export async function refused(asked, status, code, words = /./) {
  const answer = await asked;
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.code, code);
  assert.equal(typeof answer.body.error, 'string');
  assert.match(answer.error, words);
  return answer;
}

/** An equality as the library writes it: everything twice. */
export const eq = (column, value) => ({ operator: 'eq', column, value, eq_column: column, eq_value: value });

export const fetchShips = (body) => good(call('/gateway/fetch', { table_name: 'ships', strip_nulls: true, ...body }));

/** The ships that were there from the beginning. */
export const FIRST = { operator: 'lte', column: 'id', value: 4 };
export const LARBOARD = '7f1d4f9e-5b1a-4d8f-9a53-0c7a1f2b3e4f';
export const names = (rows) => rows.map((row) => row.name);
