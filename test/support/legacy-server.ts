import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Fields that only our servers send. */
const OURS = new Set(
  (
    'source next_change revision cost mode on_store_error origin client_visible bucketing fallthrough_bucketing switch_back_at ' +
    'progressive_rollout'
  ).split(' '),
);

export interface LegacyServerOptions {
  /** Whether it has flags and segments at all. Default: yes. */
  readonly flags?: boolean;
  /** Whether its stream tells of them. Default: no, as that server never did. */
  readonly tellsFlags?: boolean;
}

/**
 * A server as it was before ours: passes requests on to one of ours, but knows nothing beyond the wire contract. No endpoint of ours, no
 * field of ours in what it answers.
 */
export async function startLegacyServer(
  target: string,
  { flags = true, tellsFlags = false }: LegacyServerOptions = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const isUnknown =
      /^\/api\/sdk\/(records|commit|hits|instances)/.test(path) || (!flags && /^\/api\/(flags|segments)/.test(path));
    if (isUnknown) return void outgoing.writeHead(404).end('Not Found');
    const passed = httpRequest(`${target}${path}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
      const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
      const { 'content-length': _length, ...headers } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 500, headers);
      if (isStream && tellsFlags) return void answer.pipe(outgoing);
      if (isStream) return void answer.on('data', (chunk: Buffer) => outgoing.write(withoutFlags(chunk.toString())));
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

/** Events come whole: our server writes them so. */
function withoutFlags(text: string): string {
  return text.replaceAll(/^(?:id: .*\n)?data: \{"type":"(?:flag|segment)_.*\n\n/gm, ': \n\n');
}

function withoutOurs(text: string): string {
  // Flags and segments have names there, limits have none.
  const isOurs = (of: object, key: string) => OURS.has(key) || (key === 'name' && 'limit' in of);
  try {
    return JSON.stringify(
      JSON.parse(text, function (this: object, key, value: unknown) {
        return isOurs(this, key) ? undefined : value;
      }),
    );
  } catch {
    return text;
  }
}
