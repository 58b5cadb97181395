import type { WaygateClient } from '@waygate/client';
import type { Cli } from '../command/cli.js';
import { dim } from '../terminal/style.js';
import type { Shown } from './effective.js';
import { refreshes, untilInterrupted } from '../terminal/watch.js';

/** Every ten seconds the view is right again even where only time has passed, e.g. at the end of a window. */
const INTERVAL_MS = 10_000;

interface Watched {
  readonly cli: Cli;
  readonly client: WaygateClient;
  readonly load: () => Promise<Shown>;
  readonly print: (shown: Shown) => void;
}

/** Draws the table again at every change; in a pipe and with `--json` only what changed is written, line by line. */
export async function watchStatus({ cli: { out }, client, load, print }: Watched): Promise<void> {
  const signal = untilInterrupted();
  const shown = new Map<string, string>();
  for await (const _ of refreshes(client, INTERVAL_MS, signal, { onChange: true })) {
    const loaded = await load();
    const { routes } = loaded;
    const changed = routes.filter((route) => shown.get(route.path) !== JSON.stringify(route));
    if (changed.length === 0 && shown.size === routes.length && shown.size > 0) continue;
    shown.clear();
    for (const route of routes) shown.set(route.path, JSON.stringify(route));
    if (out.isTerminal && !out.json) {
      out.redraw();
      print(loaded);
      out.say`${dim('Watching. Ctrl-C ends.')}`;
    } else {
      for (const route of changed) {
        out.record(route);
        const { status, reason } = route.effective;
        out.say`${route.path} → ${status.toUpperCase()}${reason === '' ? '' : ` ${reason}`}`;
      }
    }
    out.flush();
  }
}
