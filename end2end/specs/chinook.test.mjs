// A database that Athena did not make, with the snapshot drizzle-kit wrote of it.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { editCell, ListPage, saved } from '../pages/list.mjs';
import { launch, open, visit } from '../world/browser.mjs';
import { chinook } from '../world/world.mjs';

describe('the music shop', () => {
  let browser, page, context, complaints;
  before(async () => { browser = await launch(); });
  after(() => browser.close());
  beforeEach(async () => { ({ page, context, complaints } = await open(browser)); });
  afterEach(async () => {
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('the console lists all of its tables', async () => {
    const tables = await chinook("select table_name as name from information_schema.tables where table_schema = 'public' order by 1");
    assert.equal(tables.length, 11);
    await visit(page, '/console/c/chinook');
    const links = await page.getByRole('navigation', { name: 'Resources' }).getByRole('link').all();
    const reached = await Promise.all(links.map((link) => link.getAttribute('href')));
    assert.deepEqual(reached.map((href) => href.split('/').pop()).sort(), tables.map((table) => table.name));
  });

  test('every table opens with its rows', async () => {
    for (const { name } of await chinook("select table_name as name from information_schema.tables where table_schema = 'public'")) {
      const list = new ListPage(page, 'chinook', name);
      const response = await page.goto(list.path, { waitUntil: 'networkidle' });
      assert.equal(response.status(), 200, name);
      assert.ok((await list.rows().count()) > 0, name);
    }
  });

  test('an album leads to its artist by a chip', async () => {
    const [album] = await chinook('select album_id, title, artist_id, a.name as artist from album join artist a using (artist_id) order by album_id limit 1');
    const list = new ListPage(page, 'chinook', 'album');
    await list.open(`?album_id=${album.album_id}`);
    assert.match(await list.row(0).innerText(), new RegExp(album.title.slice(0, 10)));
    await list.row(0).getByRole('link', { name: album.artist }).click();
    await page.getByRole('heading', { level: 1, name: album.artist }).waitFor();
    assert.ok(page.url().endsWith(`/console/c/chinook/artist/${album.artist_id}`), page.url());
    await page.getByRole('region', { name: 'Albums' }).getByText(album.title).first().waitFor();
  });

  test('a track is edited and the change is in the database', async () => {
    const [track] = await chinook('select track_id, name from track order by random() limit 1');
    const list = new ListPage(page, 'chinook', 'track');
    await list.open(`?track_id=${track.track_id}`);
    const cell = await list.cell(0, 'Name');
    await editCell(cell, `${track.name} (remastered)`);
    await saved(cell);
    assert.equal((await chinook('select name from track where track_id = $1', [track.track_id]))[0].name, `${track.name} (remastered)`);
    const others = await chinook("select count(*)::int as n from track where name like '%(remastered)'");
    assert.equal(others[0].n, 1);
  });
});
