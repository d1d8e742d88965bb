// A resource's list, as a person meets it: by role and name.
import { visit } from '../world/browser.mjs';

export class ListPage {
  constructor(page, client, resource) {
    this.page = page;
    this.path = `/console/c/${client}/${resource}`;
    this.main = page.locator('#main');
    this.grid = page.getByRole('grid').first();
    this.filters = page.getByRole('group', { name: 'Filter' });
    this.pages = page.getByRole('navigation', { name: 'Pages' }).filter({ visible: true });
    this.nav = page.getByRole('navigation', { name: 'Resources' });
  }

  open(query = '') { return visit(this.page, this.path + query); }

  rows() { return this.grid.locator('tbody').getByRole('row'); }

  row(index) { return this.rows().nth(index); }

  /** The names over the columns, without what marks their order. */
  async columns() {
    const heads = await this.grid.getByRole('columnheader').locator('a').allInnerTexts();
    return heads.map((text) => text.trim());
  }

  /** The cell of a row under a column's label. */
  async cell(index, label) {
    const at = (await this.columns()).findIndex((name) => name === label);
    if (at < 0) throw new Error(`no column ${label} among ${(await this.columns()).join(', ')}`);
    return this.row(index).getByRole('gridcell').nth(at);
  }

  /** What stands in a column, from top to bottom. */
  async values(label) {
    const at = (await this.columns()).findIndex((name) => name === label);
    const rows = await this.rows().all();
    return Promise.all(rows.map(async (row) => (await row.getByRole('gridcell').nth(at).innerText()).trim()));
  }

  next() { return this.pages.getByRole('link', { name: 'Next page' }); }

  previous() { return this.pages.getByRole('link', { name: 'Previous page' }); }
}

/** Start an edit with Enter, type, and press a key to end it. */
export async function editCell(cell, text, end = 'Enter') {
  await cell.focus();
  await cell.press('Enter');
  const input = cell.locator('input, textarea, select').first();
  await input.waitFor();
  if (text !== undefined) await input.fill(text);
  if (end) await input.press(end);
  return input;
}

/** Resolves once the cell has gone from saving through saved. */
export async function saved(cell) {
  await cell.page().waitForFunction((element) => ['saved', 'error'].includes(element.dataset.state), await cell.elementHandle());
  const state = await cell.getAttribute('data-state');
  if (state === 'error') throw new Error(`refused: ${await cell.getByRole('alert').innerText()}`);
}
