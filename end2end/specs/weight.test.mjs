// E02 and the budgets: what a first visit costs, counted in requests and bytes; never in time.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, open } from '../world/browser.mjs';
import { world } from '../world/world.mjs';

const KB = 1024;

describe('a first visit', () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser.close());

  test('the first page takes under 12 requests and 450 KB of code, 500 KB in all, with the rows in the first HTML', async () => {
    const { page, context } = await open(browser);
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    const addresses = new Map();
    const loaded = { code: 0, other: 0 };
    let requests = 0;
    session.on('Network.responseReceived', (event) => addresses.set(event.requestId, event.response.url));
    session.on('Network.loadingFinished', (event) => {
      const isCode = /\.(?:js|wasm|css)$/.test(addresses.get(event.requestId) ?? '');
      loaded[isCode ? 'code' : 'other'] += event.encodedDataLength;
    });
    page.on('request', () => { requests += 1; });
    const response = await page.goto('/console/c/demo/invoices?status=paid', { waitUntil: 'networkidle' });
    const html = await response.text();
    const shown = `${requests} requests, ${Math.round(loaded.code / KB)} KB of code, ${Math.round(loaded.other / KB)} KB of page and fonts`;
    console.log(`        ${shown}`);
    assert.ok((html.match(/role="row"/g) ?? []).length > 10, 'the rows are not in the first HTML');
    assert.ok(requests < 12, shown);
    assert.ok(loaded.code > 100 * KB && loaded.code < 450 * KB, shown);
    assert.ok(loaded.code + loaded.other < 500 * KB, shown);
    await context.close();
  });

  test('files whose name changes with their content are compressed and kept for ever', async () => {
    const html = await (await fetch(`${world.url}/console/sign-in`)).text();
    const named = [...new Set(html.match(/\/pkg\/[\w.-]+\.(?:js|wasm|css)/g) ?? [])];
    assert.equal(named.length, 3, named.join(' '));
    for (const name of named) {
      const response = await fetch(world.url + name, { headers: { 'accept-encoding': 'br' } });
      assert.equal(response.status, 200, name);
      assert.equal(response.headers.get('content-encoding'), 'br', name);
      assert.match(response.headers.get('cache-control'), /immutable/, name);
      assert.match(name, /\.[0-9a-f]{8,12}\./);
    }
  });

  test('a page forbids scripts and frames from elsewhere', async () => {
    const response = await fetch(`${world.url}/console/sign-in`);
    const policy = response.headers.get('content-security-policy');
    assert.match(policy, /script-src [^;]*'nonce-/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  });
});
