// What pages of the dashboard cost with 2,000 routes and 500 flags, and whether signing in takes as long for a name that does not exist as
// for one that does.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WaygateAdminModule, hashPassword } from '@waygate/admin';
import { MemoryBackend, WaygateEngine, WaygateModule } from '@waygate/nestjs';
import { compare, percentiles } from './harness.mjs';

const RUNS = Number(process.env.RUNS ?? 30);
const PAGES = ['', 'routes', 'routes?q=resource-19', 'flags', 'rate-limits', 'playground?key=alice', 'palette?q=flag-4'];

class AppModule {}
Module({
  imports: [
    WaygateModule.forRoot({ backend: new MemoryBackend() }),
    WaygateAdminModule.forRoot({
      auth: [
        { username: 'hashed', password: await hashPassword('bench', { ln: 15, r: 8, p: 1 }) },
        { username: 'plain', password: 'bench' },
      ],
      signInLimits: { perAccount: 10_000, perAddress: 100_000 },
    }),
  ],
})(AppModule);
const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address();
const base = `http://127.0.0.1:${port}/waygate`;

const signIn = (username, password) =>
  fetch(`${base}/api/auth/login`, { method: 'POST', body: JSON.stringify({ username, password }) });
/** CPU time: a busy machine makes any of them wait. */
const cpuOf = async (work) => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};
const wrong = (username) => () => cpuOf(async () => (await signIn(username, 'wrong')).text());
await compare(
  'a wrong password',
  {
    'of a name with a hash': wrong('hashed'),
    'of a name in plain': wrong('plain'),
    'of a name that does not exist': wrong('nobody'),
  },
  { rounds: RUNS, unit: 'ms of CPU' },
);

const engine = app.get(WaygateEngine);
await engine.reportedRoutes.register(
  Array.from({ length: 2_000 }, (_, i) => ({
    key: `shop:GET:/resource-${i}/:id`,
    service: 'shop',
    declaration: i % 7 === 0 ? { maintenance: { reason: 'A longer reason to be shown' } } : {},
  })),
);
const variations = [
  { name: 'on', value: true },
  { name: 'off', value: false },
];
for (let i = 0; i < 500; i++)
  await engine.flags.create({
    key: `flag-${i}`,
    type: 'boolean',
    variations,
    offVariation: 'off',
    fallthrough: 'on',
    tags: ['many'],
  });
const { token } = await (await signIn('plain', 'bench')).json();
const samples = {};
for (let run = 0; run < RUNS; run++) {
  for (const page of PAGES) {
    const ms = await cpuOf(async () => {
      const answer = await fetch(`${base}/${page}`, { headers: { cookie: `waygate_session=${token}` } });
      await answer.text();
      if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
    });
    (samples[page || 'overview'] ??= []).push(ms);
  }
}
percentiles('Pages of the dashboard with 2,000 routes and 500 flags', samples, 'ms of CPU');
await app.close();
process.exit(0);
