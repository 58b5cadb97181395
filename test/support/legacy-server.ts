import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Fields that only our servers send. */
const OURS = new Set(['source', 'next_change', 'revision', 'name', 'cost', 'mode', 'on_store_error', 'origin']);

/**
 * A server as it was before ours: passes requests on to one of ours, but knows nothing beyond the wire contract. No endpoint of ours, no
 * field of ours in what it answers.
 */
export async function startLegacyServer(target: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    if (/^\/api\/sdk\/(records|commit|hits|instances)/.test(path)) return void outgoing.writeHead(404).end('Not Found');
    const passed = httpRequest(`${target}${path}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
      const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
      const { 'content-length': _length, ...headers } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 500, headers);
      if (isStream) return void answer.pipe(outgoing);
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => outgoing.end(withoutOurs(Buffer.concat(chunks).toString())));
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function withoutOurs(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, (key, value: unknown) => (OURS.has(key) ? undefined : value)));
  } catch {
    return text;
  }
}
