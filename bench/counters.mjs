// In-memory counters against those of peers, with 1, 10 000 and 1 000 000 callers, and what a caller costs in memory.
import LocalStore from '@fastify/rate-limit/store/LocalStore.js';
import { MemoryCounterStore } from '@waygate/core';
import { ThrottlerStorageService } from '@nestjs/throttler';
import { MemoryStore } from 'express-rate-limit';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { compare } from './harness.mjs';

const WINDOW_MS = 600_000;
const LIMIT = 1_000_000_000;

/** Callers as requests bring them: texts made anew, so that nobody profits from a hash kept in the string. */
const addressOf = (n) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
function sequence(callers) {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return addressOf(state % callers);
  };
}

function waygate(algorithm, capacity) {
  const store = new MemoryCounterStore({ capacity });
  const rule = Object.freeze({
    id: 'bench',
    algorithm,
    limit: algorithm === 'moving_window' ? 100 : LIMIT,
    burst: 0,
    periodMs: WINDOW_MS,
  });
  return (caller) => store.consume([{ rule, caller, cost: 1 }]);
}

function bareMap() {
  const windows = new Map();
  return (caller) => {
    const now = Date.now();
    const known = windows.get(caller);
    if (known === undefined || known.end <= now) windows.set(caller, { count: 1, end: now + WINDOW_MS });
    else known.count++;
  };
}

function fastify(callers) {
  const store = new LocalStore(false, false, callers);
  return (caller) => store.incr(caller, () => undefined, WINDOW_MS, LIMIT);
}

function express() {
  const store = new MemoryStore();
  store.init({ windowMs: WINDOW_MS });
  return (caller) => store.increment(caller);
}

function flexible() {
  const limiter = new RateLimiterMemory({ points: LIMIT, duration: WINDOW_MS / 1_000 });
  return (caller) => limiter.consume(caller);
}

function throttler() {
  const storage = new ThrottlerStorageService();
  return (caller) => storage.increment(caller, WINDOW_MS, LIMIT, 0, 'default');
}

/** Whoever answers with a promise is awaited, as its users have to. */
function drive(hit, next) {
  return async (iterations) => {
    for (let i = 0; i < iterations; i++) {
      const answer = hit(next());
      if (answer instanceof Promise) await answer;
    }
  };
}

const only = process.argv[2];
for (const callers of [1, 10_000, 1_000_000]) {
  if (only !== undefined && Number(only) !== callers) continue;
  const makers = {
    'waygate fixed_window': () => waygate('fixed_window', callers),
    'waygate sliding_window': () => waygate('sliding_window', callers),
    'waygate token_bucket': () => waygate('token_bucket', callers),
    'bare Map, fixed window': bareMap,
    '@fastify/rate-limit': () => fastify(callers),
    'express-rate-limit': express,
    'rate-limiter-flexible': flexible,
    // It keeps a timestamp and a timer for every hit: one busy caller overflows its stack, a million callers do not come back in
    // reasonable time.
    ...(callers === 10_000 ? { '@nestjs/throttler': throttler } : {}),
  };
  const subjects = {};
  const bytes = {};
  for (const [name, make] of Object.entries(makers)) {
    globalThis.gc();
    const before = process.memoryUsage();
    const hit = make();
    for (let n = 0; n < callers; n++) {
      const answer = hit(addressOf(n));
      if (answer instanceof Promise) await answer;
    }
    globalThis.gc();
    const after = process.memoryUsage();
    bytes[name] = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / callers;
    subjects[name] = drive(hit, sequence(callers));
  }
  const iterations = callers === 1_000_000 ? 200_000 : 20_000;
  await compare(`one hit with ${callers} callers`, subjects, { iterations, rounds: callers === 1_000_000 ? 7 : 11 });
  if (callers < 1_000_000) continue;
  console.log('\nmemory a caller (bytes)');
  for (const [name, each] of Object.entries(bytes)) console.log(`  ${name.padEnd(24)} ${each.toFixed(0).padStart(6)}`);
}
process.exit(0);
