// One of several processes that count on the same Redis: `node redis-counter-worker.mjs URL ALGORITHM REQUESTS LIMIT`. Prints how many passed.
import { RedisCounterStore } from '@waygate/redis';

const [url, algorithm, requests, limit] = process.argv.slice(2);
const store = new RedisCounterStore(url, { budgetMs: 60_000 });
await store.open();
// So long that no token comes back meanwhile, however slow the machine is.
const periodMs = 10 * 365 * 86_400_000;
const rule = { id: `exact-${algorithm}`, algorithm, limit: Number(limit), burst: 0, periodMs };
const verdicts = await Promise.all(
  Array.from({ length: Number(requests) }, async () => (await store.consume([{ rule, caller: 'all', cost: 1 }]))[0]),
);
await store.close();
console.log(verdicts.filter(({ allowed }) => allowed).length);
