import { request as httpRequest, type IncomingMessage } from 'node:http';
import { PATIENCE_MS } from './patience.mjs';

interface ServerEvent {
  readonly id: string | null;
  readonly name: string | null;
  readonly data: string;
}

export interface EventReader {
  readonly status: number;
  /** Everything that came, oldest first. */
  readonly events: readonly ServerEvent[];
  /** The JSON of the next event from where the last call stopped that the check takes; rejects when none comes. */
  until(check: (data: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  /** Whether the connection is gone. */
  readonly closed: boolean;
  close(): void;
}

/** Reads a stream of server-sent events over a real socket, which is its own: `fetch` keeps one in reserve that servers wait for. */
export async function readStream(url: string, headers: Record<string, string>): Promise<EventReader> {
  const request = httpRequest(url, { headers, agent: false });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject).end();
  });
  const events: ServerEvent[] = [];
  const waiting = new Set<() => void>();
  let seen = 0;
  let rest = '';
  response.setEncoding('utf8');
  response.on('error', () => undefined);
  response.on('data', (text: string) => {
    rest += text;
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parse(block);
      if (event !== null) events.push(event);
    }
    for (const wake of waiting) wake();
  });

  return {
    status: response.statusCode ?? 0,
    events,
    until: (check) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`No such event among ${events.length}: ${JSON.stringify(events.slice(-3))}`));
        }, PATIENCE_MS);
        const look = () => {
          while (seen < events.length) {
            const data = JSON.parse(events[seen++]?.data ?? 'null') as Record<string, unknown>;
            if (!check(data)) continue;
            clearTimeout(timer);
            waiting.delete(look);
            return resolve(data);
          }
        };
        waiting.add(look);
        look();
      }),
    get closed() {
      return response.destroyed;
    },
    close: () => void request.destroy(),
  };
}

/** `null` = a comment, or nothing to be told. */
function parse(block: string): ServerEvent | null {
  const field = (name: string) =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim());
  const data = field('data');
  return data.length === 0 ? null : { id: field('id')[0] ?? null, name: field('event')[0] ?? null, data: data.join('\n') };
}
