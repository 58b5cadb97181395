import { createServer } from 'node:net';

/**
 * Below the ports that systems give away by themselves, to clients too: nobody is given one of these between its being found and its
 * being used, or while what listened on it is started anew. So is what a Redis of a Cluster listens on, 10 000 further up.
 */
const FIRST = 12_000;
const COUNT = 10_000;

/** Each spec file begins elsewhere. */
let last = Math.floor(Math.random() * COUNT);

/** A port nobody listens on, another one each time. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    last = (last + 1) % COUNT;
    if (await isFree(FIRST + last)) return FIRST + last;
  }
  throw new Error(`No port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
