// A port nobody uses, and waiting for something with an end to the patience.
import net from 'node:net';

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ask until it answers something truthy; say what was waited for when it never does. */
export async function until(what, ask, { seconds = 30, every = 50 } = {}) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await sleep(every);
  }
  throw new Error(`waited ${seconds} s for ${what}${last ? `; last: ${last.message}` : ''}`);
}
