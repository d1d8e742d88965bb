// Chromium with a fresh profile, signed in or not, and a record of everything it complained about.
import { launch } from './chromium.mjs';
import { world } from './world.mjs';

export { launch };

/** A page of a person who is signed in, unless `signedIn` is false. */
export async function open(browser, { signedIn = true, ...options } = {}) {
  const context = await browser.newContext({
    baseURL: world.url,
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...(signedIn ? { storageState: world.session } : {}),
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  return { page, context, complaints: listen(page) };
}

// The browser itself notes every answer from 400 on; what a person typed may be refused, and the page says so.
const isRefusal = (message) => /\/console\/fn\//.test(message.location().url) && /status of 4\d\d/.test(message.text());

/** Console errors and warnings, uncaught exceptions, and requests that failed. */
export function listen(page) {
  const complaints = [];
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type()) || isRefusal(message)) return;
    complaints.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => {
    // Leaving a page cancels what it was still loading.
    const reason = request.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') complaints.push(`request failed: ${request.url()} (${reason})`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()} from ${response.url()}`);
  });
  return complaints;
}

/** Go somewhere and wait until scripts have taken the page over. */
export async function visit(page, path) {
  const response = await page.goto(path, { waitUntil: 'networkidle' });
  await hydrated(page);
  return response;
}

/** Roving focus replaces the plain links' tab stops once the page is hydrated. */
export async function hydrated(page) {
  await page.waitForFunction(() => {
    const loaded = performance.getEntriesByType('resource').some((entry) => /\.wasm(\?|$)/.test(entry.name));
    const still = document.querySelector('a.row-link:not([tabindex="-1"])') ?? document.querySelector('.edit-button[hidden]');
    return loaded && still === null;
  });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
