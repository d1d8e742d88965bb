// E07 to E11, E28: a cell is edited in place, with the keyboard, and the database has the value.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { editCell, ListPage, saved } from '../pages/list.mjs';
import { launch, open } from '../world/browser.mjs';
import { demo } from '../world/world.mjs';

describe('editing a cell', () => {
  let browser, page, context, complaints, list, id;

  before(async () => { browser = await launch(); });
  after(() => browser.close());
  beforeEach(async () => {
    [{ id }] = await demo("select invoice_id as id from invoices where status = 'draft' order by random() limit 1");
    ({ page, context, complaints } = await open(browser));
    list = new ListPage(page, 'demo', 'invoices');
    await list.open(`?invoice_id=${id}&cols=number,reference,amount,status,metadata`);
    assert.equal(await list.rows().count(), 1);
  });
  afterEach(async () => {
    assert.deepEqual(complaints, []);
    await context.close();
  });

  const stored = async (column) => (await demo(`select ${column}::text as value from invoices where invoice_id = $1`, [id]))[0].value;

  test('E08 Enter edits, Enter saves, the cell says so, and the database has the value', async () => {
    const cell = await list.cell(0, 'Reference');
    await editCell(cell, `PO ${id}'s "own" — ü`);
    await saved(cell);
    assert.equal(await stored('reference'), `PO ${id}'s "own" — ü`);
    await page.reload({ waitUntil: 'networkidle' });
    assert.equal((await list.values('Reference'))[0], `PO ${id}'s "own" — ü`);
  });

  test('E08 Escape restores and writes nothing', async () => {
    const before = await stored('reference');
    const cell = await list.cell(0, 'Reference');
    const shown = await cell.innerText();
    await editCell(cell, 'never written', 'Escape');
    assert.equal(await cell.innerText(), shown);
    assert.equal(await stored('reference'), before);
  });

  test('E09 null and the empty string are two choices and read back as such', async () => {
    const cell = await list.cell(0, 'Reference');
    await editCell(cell, 'something');
    await saved(cell);
    await editCell(cell, undefined, null);
    await cell.getByRole('button', { name: 'Set ""' }).click();
    await saved(cell);
    assert.equal(await stored('reference'), '');
    await page.reload({ waitUntil: 'networkidle' });
    assert.equal((await list.values('Reference'))[0], '""');
    await editCell(await list.cell(0, 'Reference'), undefined, null);
    await (await list.cell(0, 'Reference')).getByRole('button', { name: 'Set null' }).click();
    await saved(await list.cell(0, 'Reference'));
    assert.equal(await stored('reference'), null);
  });

  test('E09 the default is a third choice', async () => {
    const cell = await list.cell(0, 'Amount');
    await editCell(cell, '77.50');
    await saved(cell);
    assert.equal(await stored('amount'), '77.50');
    await editCell(cell, undefined, null);
    await cell.getByRole('button', { name: 'Set default' }).click();
    await saved(cell);
    assert.equal(await stored('amount'), '0.00');
  });

  test('E10 an invalid number shows its error at the cell, nothing is written, focus stays', async () => {
    const before = await stored('amount');
    const cell = await list.cell(0, 'Amount');
    await editCell(cell, 'twelve');
    await cell.getByRole('alert').waitFor();
    assert.equal(await cell.getAttribute('data-state'), 'error');
    assert.equal(await cell.getAttribute('aria-invalid'), 'true');
    assert.equal(await stored('amount'), before);
    assert.ok(await cell.evaluate((element) => element.contains(document.activeElement)), 'focus left the cell');
  });

  test('E10 what a check constraint refuses is said at the cell', async () => {
    const before = await stored('amount');
    const cell = await list.cell(0, 'Amount');
    await editCell(cell, '-5');
    const words = await cell.getByRole('alert').innerText();
    assert.match(words, /Nothing was written/);
    assert.equal(await stored('amount'), before);
  });

  test('E11 a modified keystroke on a focused cell never starts an edit', async () => {
    const cell = await list.cell(0, 'Reference');
    await cell.focus();
    await page.keyboard.press('Control+2');
    await page.keyboard.press('Alt+Enter');
    assert.equal(await cell.locator('input, textarea').count(), 0);
  });

  test('a status is chosen from its enum', async () => {
    const cell = await list.cell(0, 'Status');
    await editCell(cell, undefined, null);
    await cell.getByRole('combobox').selectOption('sent');
    await cell.getByRole('combobox').press('Enter');
    await saved(cell);
    assert.equal(await stored('status'), 'sent');
  });
});

describe('the grid under the keyboard', () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser.close());

  test('E07 arrows, Home and End move one focus, and Tab leaves in one press', async () => {
    const { page, context, complaints } = await open(browser);
    const list = new ListPage(page, 'demo', 'invoices');
    await list.open('?cols=number,status,amount');
    const at = () => page.evaluate(() => document.activeElement.dataset.at);
    await list.row(0).getByRole('gridcell').first().focus();
    assert.equal(await at(), '1,0');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    assert.equal(await at(), '2,1');
    await page.keyboard.press('End');
    assert.equal(await at(), '2,3');
    await page.keyboard.press('Control+Home');
    assert.equal(await at(), '0,0');
    await page.keyboard.press('Tab');
    assert.ok(!(await list.grid.evaluate((grid) => grid.contains(document.activeElement))), 'Tab stayed in the grid');
    await page.keyboard.press('Shift+Tab');
    assert.ok(await list.grid.evaluate((grid) => grid.contains(document.activeElement)), 'Shift+Tab did not come back');
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('E28 a table without a key is read-only and says why', async () => {
    const { page, context } = await open(browser);
    const list = new ListPage(page, 'demo', 'import_log');
    await list.open();
    await list.row(0).getByRole('gridcell').first().dblclick();
    assert.equal(await list.grid.locator('input, textarea, select').count(), 0);
    assert.match(await list.main.innerText(), /key/i);
    assert.equal(await page.getByRole('link', { name: /^New / }).count(), 0);
    await context.close();
  });

  test('E28 a composite key edits the right row', async () => {
    const [line] = await demo('select invoice_id, line_number from invoice_lines where line_number = 2 order by random() limit 1');
    const { page, context } = await open(browser);
    const list = new ListPage(page, 'demo', 'invoice_lines');
    await list.open(`?invoice_id=${line.invoice_id}&line_number=2&cols=line_number,description`);
    const before = await demo('select description from invoice_lines where invoice_id = $1 and line_number <> 2 order by line_number', [line.invoice_id]);
    const cell = await list.cell(0, 'Description');
    await editCell(cell, 'Edited by its whole key');
    await saved(cell);
    const [now] = await demo('select description from invoice_lines where invoice_id = $1 and line_number = 2', [line.invoice_id]);
    assert.equal(now.description, 'Edited by its whole key');
    assert.deepEqual(await demo('select description from invoice_lines where invoice_id = $1 and line_number <> 2 order by line_number', [line.invoice_id]), before);
    await context.close();
  });
});
