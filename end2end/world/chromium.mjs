// The browser itself, and the way in: spend a one-time link and keep the session it leaves.
import { chromium } from 'playwright-core';

const FLAGS = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

export function launch() {
  const root = process.getuid() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: [...FLAGS, ...root] });
}

export async function signIn(link) {
  const browser = await launch();
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(link, { waitUntil: 'networkidle' });
    if (page.url().includes('/console/sign-in')) {
      throw new Error(`the printed link did not sign in: ${await page.locator('body').innerText()}`);
    }
    return await context.storageState();
  } finally {
    await browser.close();
  }
}
