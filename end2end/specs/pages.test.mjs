// E04, E63, E64: every page, light and dark, wide and narrow: no complaint, nothing sideways, nothing axe objects to.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { launch, open } from '../world/browser.mjs';
import { demo, world } from '../world/world.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const PAGES = [
  ['sign-in', () => '/console/sign-in', { signedIn: false }],
  ['a client', () => '/console/c/demo'],
  ['a list', () => '/console/c/demo/invoices'],
  ['a filtered list', () => '/console/c/demo/invoices?status=paid&sortby=-amount'],
  ['an empty list', () => '/console/c/demo/invoices?number=no-such-number'],
  ['a list without a key', () => '/console/c/demo/import_log'],
  ['a view', () => '/console/c/demo/customer_balances'],
  ['a record', async () => `/console/c/demo/invoices/${(await demo('select min(invoice_id) as id from invoices'))[0].id}`],
  ['a record with a composite key', async () => {
    const [line] = await demo('select invoice_id, line_number from invoice_lines order by 1, 2 limit 1');
    return `/console/c/demo/invoice_lines/${line.invoice_id}~.${line.line_number}`;
  }],
  ['a form', () => '/console/c/demo/invoices/new'],
  ['the account', () => '/console/account'],
  ['another client', () => '/console/c/chinook/album'],
];

const LOOKS = [
  ['light, wide', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
  ['dark, wide', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
  ['light, 390 px', { colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ['dark, 390 px', { colorScheme: 'dark', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
];

async function axe(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate((tags) => window.axe.run({ runOnly: { type: 'tag', values: tags } }), RULES);
  return found.violations.map((rule) => `${rule.impact} ${rule.id}: ${rule.help}\n    ${rule.nodes.slice(0, 3).map((node) => node.target.join(' ')).join('\n    ')}`);
}

describe('every page', () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser.close());

  for (const [name, path, options = {}] of PAGES) {
    for (const [look, appearance] of LOOKS) {
      test(`${name} (${look}) loads without a complaint, fits, and is accessible`, async () => {
        const { page, context, complaints } = await open(browser, { ...options, ...appearance });
        const response = await page.goto(await path(), { waitUntil: 'networkidle' });
        assert.equal(response.status(), 200);
        assert.deepEqual(complaints, []);
        const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: document.documentElement.clientWidth }));
        assert.ok(wide <= room, `the page is ${wide} px wide in ${room} px`);
        const violations = await axe(page);
        assert.deepEqual(violations, [], `\n${violations.join('\n')}`);
        await context.close();
      });
    }
  }

  test('what does not exist answers 404 in the console’s own words', async () => {
    for (const path of ['/console/c/demo/no_such', '/console/c/no_such/invoices', '/console/nowhere', '/console/c/demo/invoices/999999999']) {
      const { page, context } = await open(browser);
      const response = await page.goto(path);
      assert.equal(response.status(), 404, path);
      assert.ok((await page.locator('main').innerText()).length > 20, path);
      await context.close();
    }
  });

  test('/console leads to a list with rows', async () => {
    const { page, context } = await open(browser);
    await page.goto('/console', { waitUntil: 'networkidle' });
    assert.match(page.url(), /\/console\/c\/[^/]+\/[^/]+/);
    assert.ok(await page.getByRole('grid').first().isVisible());
    await context.close();
  });

  test('the address of the server leads a browser to the console and a program to JSON', async () => {
    const person = await fetch(world.url, { headers: { accept: 'text/html' }, redirect: 'manual' });
    assert.ok([302, 303, 307, 308].includes(person.status), String(person.status));
    assert.equal(person.headers.get('location'), '/console');
    const program = await fetch(world.url, { headers: { accept: '*/*' } });
    assert.match(program.headers.get('content-type'), /json/);
  });
});
