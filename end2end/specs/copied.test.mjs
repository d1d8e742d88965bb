// E61: the view as curl, as supabase-js and as Rust. What is copied runs, and answers the rows that the page shows.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ListPage } from '../pages/list.mjs';
import { launch, open } from '../world/browser.mjs';
import { demo, workshop, world } from '../world/world.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const ENV = { ...process.env, ATHENA_KEY: world.readKey };

const ODD = `spec copied O'Neil "x", (100%) \\ 2*3 $HOME \`id\` Ünï&;#+`;
const LINES = 'spec copied first line\nsecond';

const VIEWS = [
  ['a filtered page in the middle', 'demo', 'invoices', '?status=paid&sortby=-amount&cols=number,status&per_page=10&page=2', { Number: 'number', Status: 'status' }],
  ['two orders and a range', 'demo', 'invoices', '?amount=%3E%3D100&amount=%3C%3D5000&sortby=status,-number&cols=number,status&per_page=25', { Number: 'number' }],
  ['a search', 'demo', 'customers', '?q=a&cols=name&per_page=10', { Name: 'name' }],
  ['not, with those without a value', 'workshop', 'ships', '?note=%21%3Da.b.c&sortby=name&cols=name,note', { Name: 'name' }],
  ['none of, with a comma in it', 'workshop', 'ships', '?note=not_in%3D%22sunk%2C%20off%20Brest%22,new&sortby=name&cols=name', { Name: 'name' }],
  ['an odd text, whole', 'workshop', 'ships', `?name=${encodeURIComponent(ODD)}&cols=name`, { Name: 'name' }],
  ['an odd text among others', 'workshop', 'ships', `?filters=${encodeURIComponent(JSON.stringify([{ column: 'name', op: 'in', value: [ODD, LINES, 'Alba'] }]))}&sortby=name&cols=name`, { Name: 'name' }],
  ['a part with every sign', 'workshop', 'ships', `?name=contains%3D${encodeURIComponent('(100%) \\ 2*3 $HOME')}&cols=name`, { Name: 'name' }],
  ['a part with a percent sign', 'workshop', 'ships', '?note=contains%3D0%25&cols=name,note', { Name: 'name', Note: 'note' }],
  ['a beginning with an underscore', 'workshop', 'ships', '?name=starts_with%3Ddana_&cols=name', { Name: 'name' }],
  ['without a part', 'workshop', 'ships', '?note=not_contains%3Dbrest&sortby=-name&cols=name', { Name: 'name' }],
  ['null and not null', 'workshop', 'ships', '?gone=is_null&length=is_not_null&sortby=name&cols=name', { Name: 'name' }],
  ['another schema', 'workshop', 'fleet.ships', '?sortby=-name&cols=name', { Name: 'name' }],
];

const flat = (text) => String(text ?? '').replace(/\s+/g, ' ').trim();
const shown = (text) => flat(text).toLowerCase().replace(/_/g, ' ');

/** The menu, opened as a person does. */
async function menu(page) {
  await page.getByText('Copy as', { exact: true }).filter({ visible: true }).or(page.locator('summary', { hasText: 'Copy as code' })).first().click();
  return page.locator('.copies');
}

const textOf = (texts, label) => texts.getByRole('group', { name: label, exact: true }).innerText();

async function curl(text) {
  const { stdout } = await promisify(execFile)('bash', ['-c', text], { env: ENV, timeout: 20_000 });
  return JSON.parse(stdout);
}

/** As a module of its own, in a folder that has the library. Older Nodes have no WebSocket, which is not used. */
function javascript(text) {
  const program = `globalThis.WebSocket ??= class {};\n${text}\nconsole.log(JSON.stringify({ data, error }));\nprocess.exit(0);\n`;
  return new Promise((resolve, reject) => {
    const child = execFile('node', ['--input-type=module'], { cwd: ROOT, env: ENV, timeout: 20_000 }, (error, stdout, stderr) =>
      (error ? reject(new Error(`${error.message}\n${stderr}\n${text}`)) : resolve(JSON.parse(stdout))));
    child.stdin.end(program);
  });
}

async function axe(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate((tags) => window.axe.run({ runOnly: { type: 'tag', values: tags } }), RULES);
  return found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

describe('copy as', () => {
  let browser;
  before(async () => {
    browser = await launch();
    for (const name of [ODD, LINES]) await workshop('insert into ships (name) values ($1)', [name]);
  });
  after(async () => {
    await workshop("delete from ships where name like 'spec copied%'");
    await browser.close();
  });

  for (const [name, client, resource, query, columns] of VIEWS) {
    test(`${name}: what is copied answers the rows that are shown`, async () => {
      const { page, context, complaints } = await open(browser);
      const list = new ListPage(page, client, resource);
      await list.open(query);
      const texts = await menu(page);
      const [line, program, rust] = [await textOf(texts, 'curl'), await textOf(texts, 'supabase-js'), await textOf(texts, 'Rust')];
      for (const text of [line, program, rust]) {
        assert.ok(text.includes(world.url), text);
        assert.ok(text.includes('ATHENA_KEY') && !text.includes('ath_'), text);
      }
      const rows = await curl(line);
      assert.ok(Array.isArray(rows), `${line}\n${JSON.stringify(rows)}`);
      for (const [label, column] of Object.entries(columns)) {
        assert.deepEqual(rows.map((row) => shown(row[column])), (await list.values(label)).map(shown), line);
      }
      assert.ok(rows.length > 0, line);
      const { data, error } = await javascript(program);
      assert.equal(error, null, `${program}\n${JSON.stringify(error)}`);
      assert.deepEqual(data, rows, program);
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }

  test('what PostgREST cannot say is told, and Rust still says it', async () => {
    const { page, context } = await open(browser);
    await new ListPage(page, 'demo', 'invoices').open('?status=contains%3Dpai');
    const texts = await menu(page);
    assert.equal(await texts.getByText('in columns of text only, and status is none').count(), 2);
    assert.equal(await texts.getByRole('group').count(), 1);
    assert.match(await textOf(texts, 'Rust'), /\.ilike\("status", "%pai%"\)/);
    await context.close();
  });

  test('by the keyboard alone: opened, copied, told, shut, and the focus is where it was', async () => {
    const { page, context } = await open(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
    await new ListPage(page, 'demo', 'invoices').open('?status=paid');
    const summary = page.locator('summary', { hasText: 'Copy as code' });
    await summary.focus();
    await page.keyboard.press('Enter');
    const texts = page.locator('.copies');
    await texts.waitFor();
    for (const label of ['curl', 'supabase-js', 'Rust']) {
      await page.keyboard.press('Tab');
      assert.equal(flat(await page.evaluate(() => document.activeElement.textContent)), `Copy as ${label}`);
      await page.keyboard.press('Enter');
      await texts.getByText(`Copied as ${label}.`).waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(copied.trimEnd(), (await textOf(texts, label)).trimEnd());
      // The text itself is reached too: a long line is scrolled by the arrows.
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.tagName), 'PRE');
    }
    await page.keyboard.press('Escape');
    assert.equal(await texts.isVisible(), false);
    assert.ok(await summary.evaluate((element) => element === document.activeElement), 'the focus is lost');
    await context.close();
  });

  test('without scripts the texts are there to read, under the address that was asked', async () => {
    const { page, context } = await open(browser, { javaScriptEnabled: false });
    await page.goto('/console/c/demo/invoices?status=paid&per_page=10&cols=number');
    const texts = await menu(page);
    assert.equal(await texts.getByRole('button').count(), 0);
    const rows = await curl(await textOf(texts, 'curl'));
    assert.deepEqual(rows.map((row) => row.number), await new ListPage(page, 'demo', 'invoices').values('Number'));
    const expected = await demo("select count(*)::int as n from invoices where status = 'paid'");
    assert.ok(expected[0].n > 10 && rows.length === 10, 'a page, not all');
    await context.close();
  });

  for (const [look, appearance] of [
    ['light, wide', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
    ['dark, wide', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
    ['light, 390 px', { colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
    ['dark, 390 px', { colorScheme: 'dark', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ]) {
    test(`the open menu fits and is accessible (${look})`, async () => {
      const { page, context, complaints } = await open(browser, appearance);
      await new ListPage(page, 'demo', 'invoices').open('?status=paid&sortby=-amount');
      const texts = await menu(page);
      const box = await texts.boundingBox();
      const { width, height } = appearance.viewport;
      assert.ok(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height, JSON.stringify(box));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `the page is ${wide} px wide`);
      if (process.env.ATHENA_SHOTS) await page.screenshot({ path: path.join(process.env.ATHENA_SHOTS, `copied ${look}.png`) });
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }
});
