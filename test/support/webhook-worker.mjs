// A process with a webhook: `node webhook-worker.mjs JOURNAL URL SECRET DELIVER CHANGES`. Makes its changes, prints `committed`, and stays.
import { WaygateEngine } from '@waygate/core';
import { JournalBackend } from './journal-backend.mjs';

const [journal, url, secret, deliver, changes] = process.argv.slice(2);
const engine = new WaygateEngine({
  backend: new JournalBackend(journal),
  webhooks: {
    declared: [{ name: 'ops', url, secret }],
    allow: ['127.0.0.1'],
    deliver: deliver === 'true',
    // So long that nobody who is told of an attempt finds another one made meanwhile; a claim ends soon after twice of it.
    timeout: '2s',
    retryDelays: Array.from({ length: 20 }, () => '50ms'),
  },
});
await engine.open();
while ((await engine.webhooks.list()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
for (let i = 0; i < Number(changes); i++) await engine.maintenance.enable({ reason: `change ${i}` });
process.stdout.write('committed\n');
setInterval(() => undefined, 1_000);
