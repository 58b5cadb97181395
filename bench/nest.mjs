// What Waygate costs a whole Nest app: CPU time a request and throughput, beside the bare app, a trivial guard, and peers that limit rates.
// Each variant is a process of its own; they are loaded in turn, round by round.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { median, report } from './harness.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const VARIANTS = {
  fastify: [
    'bare',
    'a guard with a Map look-up',
    'waygate',
    'waygate, figures',
    'waygate, one limit',
    '@fastify/rate-limit',
    '@nestjs/throttler',
  ],
  express: [
    'bare',
    'a guard with a Map look-up',
    'waygate',
    'waygate, figures',
    'waygate, one limit',
    'express-rate-limit',
    '@nestjs/throttler',
  ],
};
const ROUNDS = Number(process.env.ROUNDS ?? 9);
const REQUESTS = Number(process.env.REQUESTS ?? 12_000);
const only = process.argv[2];

async function start(platform, variant) {
  const child = fork(join(here, 'nest-app.mjs'), [platform, variant]);
  const [{ port }] = await once(child, 'message');
  return { variant, child, url: `http://127.0.0.1:${port}/hello` };
}

async function cpu({ child }) {
  child.send('cpu');
  const [{ cpu: used }] = await once(child, 'message');
  return used.user + used.system;
}

/** @returns CPU µs a request, and requests a second */
async function load(server, amount) {
  const before = await cpu(server);
  // The tool reports by whole seconds; the time that counts is from the first answer to the last.
  let first = 0n;
  let last = 0n;
  const result = await new Promise((resolve, reject) => {
    const run = autocannon({ url: server.url, connections: 32, pipelining: 4, amount }, (error, outcome) =>
      error ? reject(error) : resolve(outcome),
    );
    run.on('response', () => {
      last = process.hrtime.bigint();
      if (first === 0n) first = last;
    });
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${server.variant}: ${result.non2xx} refused, ${result.errors} errors`);
  const used = (await cpu(server)) - before;
  return { cpu: used / amount, throughput: (amount - 1) / (Number(last - first) / 1e9) };
}

for (const [platform, variants] of Object.entries(VARIANTS)) {
  if (only !== undefined && only !== platform) continue;
  const servers = [];
  for (const variant of variants) servers.push(await start(platform, variant));
  const figures = servers.map(() => ({ cpu: [], throughput: [] }));
  for (const server of servers) await load(server, REQUESTS * 2);
  for (let round = 0; round < ROUNDS; round++) {
    const order = servers.map((_, index) => index);
    for (const index of round % 2 === 0 ? order : order.toReversed()) {
      // The throttler keeps every hit of the period and grows slower with each; less traffic is kinder than its users would be.
      const amount = servers[index].variant === '@nestjs/throttler' ? Math.ceil(REQUESTS / 12) : REQUESTS;
      const { cpu: used, throughput } = await load(servers[index], amount);
      figures[index].cpu.push(used);
      figures[index].throughput.push(throughput);
    }
  }
  for (const server of servers) server.child.kill();
  const summary = (pick) =>
    Object.fromEntries(
      servers.map(({ variant }, index) => {
        const values = figures[index][pick];
        const ratio = median(values.map((value, round) => value / figures[0][pick][round]));
        return [variant, { median: median(values), min: Math.min(...values), max: Math.max(...values), ratio }];
      }),
    );
  report(`Nest on ${platform}: CPU a request`, summary('cpu'), 'µs');
  const added = Object.fromEntries(
    servers.map(({ variant }, index) => {
      const values = figures[index].cpu.map((value, round) => value - figures[0].cpu[round]);
      return [variant, { median: median(values), min: Math.min(...values), max: Math.max(...values), ratio: NaN }];
    }),
  );
  report(`Nest on ${platform}: CPU added to the bare app`, added, 'µs');
  report(`Nest on ${platform}: throughput`, summary('throughput'), 'requests/s');
}
process.exit(0);
