// A second step: set up on the account page, asked for at sign-in, and sessions that are ended from elsewhere.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { hydrated, launch, open, visit } from '../world/browser.mjs';
import { sleep } from '../world/port.mjs';
import { world } from '../world/world.mjs';

const ADMIN = { 'content-type': 'application/json', 'x-athena-key': world.admin.key };
const PASSWORD = 'correct horse battery';
let people = 0;

async function admin(method, path, body) {
  const response = await fetch(`${world.url}${path}`, { method, headers: ADMIN, body: body && JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer.data;
}

/** Somebody new, and a link that signs them in. */
async function newcomer() {
  people += 1;
  const email = `person${people}.${Date.now()}@example.com`;
  const { user } = await admin('POST', '/admin/users', { email, display_name: `Person ${people}`, role: 'admin' });
  const { link } = await admin('POST', `/admin/users/${user.id}/invite`);
  return { id: user.id, email, link };
}

/** What an app shows `later` steps from now. */
function code(secret, later = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(/\s/g, '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const tag = createHmac('sha1', key).update(step).digest();
  const word = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, '0');
}

async function withPassword(page) {
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Your password is changed').waitFor();
}

/** Switch the second step on; its secret and its recovery codes. */
async function setUp(page) {
  await page.getByRole('button', { name: 'Set up a second step' }).click();
  await page.getByRole('heading', { level: 1, name: 'Set up a second step' }).waitFor();
  const secret = await page.locator('.kv', { hasText: 'Secret, to type' }).locator('dd').innerText();
  const recovery = await page.locator('.recovery li').allInnerTexts();
  assert.equal(recovery.length, 10);
  await page.getByLabel('Code', { exact: true }).fill(code(secret));
  await page.getByRole('button', { name: 'Switch on' }).click();
  await page.getByText('Signing in asks for a code from now on.').waitFor();
  return { secret, recovery };
}

async function withPasswordAt(page, path, email) {
  await page.goto(path);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'One more step' }).waitFor();
}

for (const javaScriptEnabled of [true, false]) {
  describe(`a second step with scripts ${javaScriptEnabled ? 'on' : 'off'}`, () => {
    let browser;
    before(async () => { browser = await launch(); });
    after(() => browser.close());
    // A browser without scripts says that it does not load them.
    const heard = (complaints) => complaints.filter((text) => javaScriptEnabled || !/\.js \(csp\)$/.test(text));
    const start = (options) => open(browser, { signedIn: false, javaScriptEnabled, ...options });

    test('it is set up, asked for after the password, and leads to where the person was heading', async () => {
      const { email, link } = await newcomer();
      const { page, context, complaints } = await start();
      await page.goto(link);
      await page.goto('/console/account');
      if (javaScriptEnabled) await hydrated(page);
      await withPassword(page);
      const { secret } = await setUp(page);
      await context.close();

      const asked = '/console/c/demo/invoices?status=paid';
      const second = await start();
      await withPasswordAt(second.page, asked, email);
      const cookies = async () => (await second.context.cookies()).map((cookie) => cookie.name);
      assert.ok(!(await cookies()).includes('athena_session'), 'no session before the code');
      // The keyboard is where it is needed.
      await second.page.waitForFunction(() => document.activeElement?.id === 'code');
      const used = code(secret, 1);
      await second.page.getByLabel('Code', { exact: true }).fill('000000');
      await second.page.keyboard.press('Enter');
      await second.page.getByText('The code is wrong, or was used before.').waitFor();
      await second.page.getByLabel('Code', { exact: true }).fill(used);
      await second.page.keyboard.press('Enter');
      await second.page.waitForURL((url) => url.pathname === '/console/c/demo/invoices' && url.search === '?status=paid');
      assert.ok((await cookies()).includes('athena_session') && !(await cookies()).includes('athena_sign_in'));
      await second.context.close();

      const third = await start();
      await withPasswordAt(third.page, asked, email);
      await third.page.getByLabel('Code', { exact: true }).fill(used);
      await third.page.getByRole('button', { name: 'Sign in' }).click();
      await third.page.getByText('The code is wrong, or was used before.').waitFor();
      await third.context.close();
      assert.deepEqual([complaints, second.complaints, third.complaints].flatMap(heard), []);
    });

    test('a recovery code works once, and the password switches the second step off', async () => {
      const { email, link } = await newcomer();
      const first = await start();
      await first.page.goto(link);
      await first.page.goto('/console/account');
      if (javaScriptEnabled) await hydrated(first.page);
      await withPassword(first.page);
      const { recovery } = await setUp(first.page);
      await first.context.close();

      const { page, context, complaints } = await start();
      await withPasswordAt(page, '/console/account', email);
      await page.getByRole('link', { name: 'Use a recovery code instead' }).click();
      await page.getByLabel('Recovery code').fill(recovery[0]);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('9 recovery codes are left.').waitFor();
      await page.getByText('Switch off…').click();
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Switch off the second step' }).click();
      await page.getByText('Signing in asks for no code any more.').waitFor();
      await page.getByRole('button', { name: 'Set up a second step' }).waitFor();
      assert.deepEqual(heard(complaints), []);
      await context.close();
    });
  });
}

describe('sessions', () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser.close());

  test('a session that is ended elsewhere opens nothing any more', async () => {
    const { id, link } = await newcomer();
    const here = await open(browser, { signedIn: false });
    await here.page.goto(link);
    const { link: again } = await admin('POST', `/admin/users/${id}/invite`);
    const there = await open(browser, { signedIn: false });
    await there.page.goto(again);
    await there.page.goto('/console/account');
    await there.page.getByRole('heading', { level: 1, name: 'Account' }).waitFor();

    await visit(here.page, '/console/account');
    const others = here.page.getByRole('button', { name: /^End the session/ });
    assert.equal(await others.count(), 1);
    await others.focus();
    await here.page.keyboard.press('Enter');
    await others.waitFor({ state: 'detached' });
    await here.page.getByText('This session').waitFor();
    await sleep(50);
    await there.page.goto('/console/account');
    assert.match(there.page.url(), /\/console\/sign-in/);
    assert.deepEqual(here.complaints, []);
    await here.context.close();
    await there.context.close();
  });

  test('a member of two organizations works for the one they choose', async () => {
    const email = `member.${Date.now()}@example.com`;
    const { user } = await admin('POST', '/admin/users', { email, role: 'member' });
    for (const [name, scope] of [['Books', 'read:invoices'], ['Arts', 'read:customers']]) {
      const { organization } = await admin('POST', '/admin/organizations', { name: `${name} ${Date.now()}` });
      await admin('PUT', `/admin/organizations/${organization.id}/members/${user.id}`, { scopes: [scope] });
    }
    const { link } = await admin('POST', `/admin/users/${user.id}/invite`);
    const { page, context, complaints } = await open(browser, { signedIn: false });
    await page.goto(link);
    await visit(page, '/console/account');
    const arts = page.getByRole('button', { name: /^Choose Arts/ });
    await arts.click();
    await page.getByRole('button', { name: /^Choose Books/ }).waitFor();
    const status = async (table) => (await page.goto(`/console/c/demo/${table}`)).status();
    assert.deepEqual([await status('customers'), await status('invoices')], [200, 403]);
    assert.deepEqual(complaints.filter((text) => !text.includes('403')), []);
    await context.close();
  });
});
