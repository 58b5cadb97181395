import type { WaygateClient } from '@waygate/client';

/** Aborts when the user has seen enough (Ctrl-C). */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return controller.signal;
}

/**
 * Yields at once, then whenever the server tells of a change, and at least every `intervalMs`. Failures to hear of changes only cost time:
 * the interval goes on.
 */
export async function* refreshes(
  client: WaygateClient,
  intervalMs: number,
  signal: AbortSignal,
  { onChange }: { readonly onChange: boolean },
): AsyncGenerator<void, void, undefined> {
  let wake: () => void = () => {};
  const listen = async () => {
    for await (const event of client.events.follow({ signal })) if (event.type !== 'rl_policy') wake();
  };
  if (onChange) void listen().catch(() => {});
  while (!signal.aborted) {
    yield;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalMs);
      wake = () => {
        clearTimeout(timer);
        // One change often brings several events.
        setTimeout(resolve, 50);
      };
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}
