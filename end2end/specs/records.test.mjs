// E20, E37, E39 to E41: chips lead to records, records show what hangs on them, forms say what is wrong at its field.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { ListPage } from '../pages/list.mjs';
import { launch, open, visit } from '../world/browser.mjs';
import { demo } from '../world/world.mjs';

describe('records', () => {
  let browser, page, context, complaints;
  before(async () => { browser = await launch(); });
  after(() => browser.close());
  beforeEach(async () => { ({ page, context, complaints } = await open(browser)); });
  afterEach(async () => {
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('E37 a foreign key is a chip with its label, and a click opens the record', async () => {
    const [row] = await demo('select i.invoice_id, c.customer_id, c.name from invoices i join customers c using (customer_id) order by i.invoice_id limit 1');
    const list = new ListPage(page, 'demo', 'invoices');
    await list.open(`?invoice_id=${row.invoice_id}&cols=number,customer_id`);
    const chip = list.row(0).getByRole('link', { name: row.name });
    await page.evaluate(() => { window.sameDocument = true; });
    await chip.click();
    await page.getByRole('heading', { level: 1, name: row.name }).waitFor();
    assert.ok(page.url().endsWith(`/console/c/demo/customers/${row.customer_id}`), page.url());
    assert.equal(await page.evaluate(() => window.sameDocument), true, 'the document was loaded anew');
  });

  test('E20 back and forward step through filter, page and open record in order', async () => {
    const list = new ListPage(page, 'demo', 'invoices');
    await list.open('?cols=number,status&status=paid');
    const first = await list.values('Number');
    await list.next().first().click();
    await page.waitForURL(/page=2/);
    await page.waitForFunction((number) => !document.querySelector('table.dg').innerText.includes(number), first[0]);
    const second = await list.values('Number');
    await list.row(0).getByRole('link', { name: second[0] }).first().click();
    await page.getByRole('heading', { level: 1 }).filter({ hasText: second[0] }).waitFor();
    await page.goBack();
    await page.waitForURL(/page=2/);
    await list.grid.waitFor();
    assert.deepEqual(await list.values('Number'), second);
    await page.goBack();
    await page.waitForFunction((number) => document.querySelector('table.dg')?.innerText.includes(number), first[0]);
    assert.deepEqual(await list.values('Number'), first);
    await page.goForward();
    await page.waitForFunction((number) => document.querySelector('table.dg')?.innerText.includes(number), second[0]);
  });

  test('E39 a record shows its facts, its sections and its related rows with a way to all of them', async () => {
    const [row] = await demo('select invoice_id, number, count(*) as lines from invoice_lines join invoices using (invoice_id) group by 1, 2 order by 3 desc, 1 limit 1');
    await visit(page, `/console/c/demo/invoices/${row.invoice_id}`);
    assert.match(await page.getByRole('heading', { level: 1 }).innerText(), new RegExp(row.number));
    const lines = page.getByRole('region', { name: 'Invoice lines' });
    assert.ok((await lines.locator('tbody').getByRole('row').count()) > 0);
    await lines.getByRole('link', { name: 'Open all Invoice lines' }).click();
    await page.waitForURL(/invoice_lines\?/);
    const all = new ListPage(page, 'demo', 'invoice_lines').rows();
    // The address changes before the rows are there.
    await all.nth(Number(row.lines) - 1).waitFor();
    assert.equal(await all.count(), Number(row.lines));
  });

  test('a field of a record is edited in place', async () => {
    const [{ id }] = await demo("select invoice_id as id from invoices where status = 'draft' order by random() limit 1");
    await visit(page, `/console/c/demo/invoices/${id}`);
    await page.getByRole('button', { name: 'Edit Reference' }).click();
    const input = page.getByRole('textbox', { name: 'Reference' });
    await input.fill('from the record');
    await input.press('Enter');
    await page.getByText('Reference is saved').waitFor({ state: 'attached' });
    assert.equal((await demo('select reference from invoices where invoice_id = $1', [id]))[0].reference, 'from the record');
  });
});

describe('the form for a new row', () => {
  let browser, page, context, complaints, list;
  before(async () => { browser = await launch(); });
  after(() => browser.close());
  beforeEach(async () => {
    ({ page, context, complaints } = await open(browser));
    list = new ListPage(page, 'demo', 'organizations');
  });
  afterEach(() => context.close());

  const dialog = () => page.getByRole('dialog', { name: 'New organization' });
  const field = (name) => dialog().getByRole('textbox', { name, exact: true });
  const submit = () => dialog().getByRole('button', { name: /Create organization/ }).click();

  async function opened() {
    await list.open();
    await page.getByRole('link', { name: 'New organization' }).click();
    await dialog().waitFor();
  }

  test('E40 it is made from the snapshot: required and optional, defaults, help, enums', async () => {
    await opened();
    for (const name of ['Name', 'Slug', 'Country']) assert.ok(await field(name).isVisible(), name);
    assert.match(await dialog().innerText(), /The short name in addresses/);
    assert.match(await dialog().innerText(), /optional/);
    assert.deepEqual(complaints, []);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    assert.ok(await page.getByRole('link', { name: 'New organization' }).evaluate((link) => link === document.activeElement), 'focus did not return');
  });

  test('E40 a new row is written and opened', async () => {
    await opened();
    await field('Name').fill('Ember & Söhne');
    await field('Slug').fill('ember-soehne');
    await field('Country').fill('DE');
    await submit();
    await page.getByRole('heading', { level: 1, name: 'Ember & Söhne' }).waitFor();
    const [row] = await demo("select name, country, currency from organizations where slug = 'ember-soehne'");
    assert.deepEqual(row, { name: 'Ember & Söhne', country: 'DE', currency: 'EUR' });
  });

  test('E41 every missing field is named at once, at the field', async () => {
    await opened();
    await submit();
    await dialog().getByText(/fields to fix/).waitFor();
    for (const name of ['Name', 'Slug', 'Country']) assert.equal(await field(name).getAttribute('aria-invalid'), 'true', name);
    assert.ok(await field('Name').evaluate((input) => input === document.activeElement), 'focus is not at the first field at fault');
  });

  test('E41 a unique violation names its field, and what was typed stays', async () => {
    const [{ slug }] = await demo('select slug from organizations order by slug limit 1');
    await opened();
    await field('Name').fill('Twice');
    await field('Slug').fill(slug);
    await field('Country').fill('NL');
    await submit();
    await dialog().getByRole('alert').first().waitFor();
    assert.equal(await field('Slug').getAttribute('aria-invalid'), 'true');
    assert.equal(await field('Name').getAttribute('aria-invalid'), null);
    assert.equal(await field('Name').inputValue(), 'Twice');
    assert.equal((await demo("select count(*)::int as n from organizations where name = 'Twice'"))[0].n, 0);
  });

  test('the same form works without scripts', async () => {
    const plain = await open(browser, { javaScriptEnabled: false });
    await plain.page.goto('/console/c/demo/organizations/new');
    await plain.page.getByRole('textbox', { name: 'Name', exact: true }).fill('Plain Paper Ltd');
    await plain.page.getByRole('textbox', { name: 'Slug', exact: true }).fill('plain-paper');
    await plain.page.getByRole('textbox', { name: 'Country', exact: true }).fill('GB');
    await plain.page.getByRole('button', { name: /Create organization/ }).click();
    assert.equal((await demo("select count(*)::int as n from organizations where slug = 'plain-paper'"))[0].n, 1);
    await plain.context.close();
  });
});
