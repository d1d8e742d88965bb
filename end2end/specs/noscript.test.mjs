// E01, E03: a deep link is readable before any script, and survives signing in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ListPage } from '../pages/list.mjs';
import { launch, open } from '../world/browser.mjs';
import { demo, world } from '../world/world.mjs';

const PAID = '/console/c/demo/invoices?status=paid';

describe('with scripts off', () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser.close());

  test('E01 a deep link to filtered invoices shows the right rows and the filter in words', async () => {
    const { page, context } = await open(browser, { javaScriptEnabled: false });
    const response = await page.goto(PAID);
    assert.equal(response.status(), 200);
    const list = new ListPage(page, 'demo', 'invoices');
    const states = await list.values('Status');
    assert.ok(states.length >= 10, `${states.length} rows`);
    assert.deepEqual([...new Set(states)], ['Paid']);
    assert.match(await list.filters.innerText(), /Status\s+is\s+Paid/);
    await context.close();
  });

  test('E01 next and previous are links that lead to other rows and back', async () => {
    const { page, context } = await open(browser, { javaScriptEnabled: false });
    await page.goto(`${PAID}&cols=number,status`);
    const list = new ListPage(page, 'demo', 'invoices');
    const first = await list.values('Number');
    await list.next().first().click();
    const second = await list.values('Number');
    assert.equal(second.filter((number) => first.includes(number)).length, 0, 'the second page repeats rows');
    assert.match(page.url(), /status=paid/);
    await list.previous().first().click();
    assert.deepEqual(await list.values('Number'), first);
    await context.close();
  });

  test('E01 the rows are those of the database, in the same order', async () => {
    const { page, context } = await open(browser, { javaScriptEnabled: false });
    await page.goto(`${PAID}&cols=number,status&sortby=-number&rows_per_page=10`);
    const expected = await demo("select number from invoices where status = 'paid' order by number desc limit 10");
    const shown = await new ListPage(page, 'demo', 'invoices').values('Number');
    assert.deepEqual(shown, expected.map((row) => row.number));
    await context.close();
  });

  test('a filter can be added with the form alone', async () => {
    const { page, context } = await open(browser, { javaScriptEnabled: false });
    await page.goto('/console/c/demo/invoices');
    await page.getByText('Filter', { exact: true }).first().click();
    await page.getByLabel('Column').selectOption('status');
    const form = page.locator('.filter-pop');
    await form.locator('input[type=text], input:not([type])').last().fill('overdue');
    await form.getByRole('button', { name: 'Add filter' }).click();
    const states = await new ListPage(page, 'demo', 'invoices').values('Status');
    assert.deepEqual([...new Set(states)], ['Overdue']);
    await context.close();
  });
});

describe('signing in', () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser.close());

  const asked = '/console/c/demo/invoices?status=paid&sortby=-amount&cols=number%2Cstatus%2Camount';

  async function fillIn(page, password) {
    await page.getByLabel('Email').fill(world.admin.email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  test('E03 an unknown visitor signs in and returns to the same filter, sort and columns', async () => {
    const { page, context } = await open(browser, { signedIn: false });
    await page.goto(asked);
    assert.match(page.url(), /\/console\/sign-in\?return_to=/);
    await fillIn(page, world.admin.key);
    await page.waitForURL((url) => url.pathname === '/console/c/demo/invoices');
    const now = new URL(page.url());
    assert.equal(now.searchParams.get('status'), 'paid');
    assert.equal(now.searchParams.get('cols'), 'number,status,amount');
    assert.equal(now.searchParams.get('sortby'), '-amount');
    const list = new ListPage(page, 'demo', 'invoices');
    await list.grid.waitFor();
    assert.deepEqual((await list.columns()).slice(0, 3), ['Number', 'Status', 'Amount']);
    await context.close();
  });

  test('E03 the same works without scripts', async () => {
    const { page, context } = await open(browser, { signedIn: false, javaScriptEnabled: false });
    await page.goto(asked);
    await fillIn(page, world.admin.key);
    assert.equal(new URL(page.url()).pathname, '/console/c/demo/invoices');
    assert.equal(new URL(page.url()).searchParams.get('status'), 'paid');
    await context.close();
  });

  test('a wrong password is refused in words, and the way back is kept', async () => {
    const { page, context } = await open(browser, { signedIn: false, javaScriptEnabled: false });
    await page.goto(asked);
    await fillIn(page, 'not the password');
    assert.ok(page.url().includes('/console/sign-in'), page.url());
    assert.ok((await page.getByRole('alert').first().innerText()).trim().length > 10);
    await fillIn(page, world.admin.key);
    assert.equal(new URL(page.url()).pathname, '/console/c/demo/invoices');
    await context.close();
  });

  test('a one-time link signs in once and never again', async () => {
    const first = await open(browser, { signedIn: false });
    await first.page.goto(world.spareLink, { waitUntil: 'networkidle' });
    assert.ok(!first.page.url().includes('sign-in'), first.page.url());
    await first.context.close();
    const second = await open(browser, { signedIn: false });
    await second.page.goto(world.spareLink, { waitUntil: 'networkidle' });
    assert.ok(second.page.url().includes('sign-in'), second.page.url());
    await second.context.close();
  });

  test('a post from another site is refused', async () => {
    const response = await fetch(`${world.url}/console/fn/sign_in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
      body: new URLSearchParams({ email: world.admin.email, password: world.admin.key }),
    });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('set-cookie'), null);
  });

  test('the session cookie cannot be read by scripts and is not sent by other sites', async () => {
    const cookies = world.session.cookies.filter((cookie) => cookie.httpOnly);
    assert.ok(cookies.length >= 1, 'there is no HttpOnly cookie');
    for (const cookie of cookies) assert.ok(['Lax', 'Strict'].includes(cookie.sameSite), cookie.sameSite);
  });
});
