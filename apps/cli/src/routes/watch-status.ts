import type { RouteState, WaygateClient } from '@waygate/client';
import type { Cli } from '../command/cli.js';
import { dim } from '../terminal/style.js';
import { refreshes, untilInterrupted } from '../terminal/watch.js';

/** Every ten seconds the view is right again even where only time has passed, e.g. at the end of a window. */
const INTERVAL_MS = 10_000;

/** Draws the table again at every change; in a pipe and with `--json` only what changed is written, line by line. */
export async function watchStatus(
  { out }: Cli,
  client: WaygateClient,
  load: () => Promise<readonly RouteState[]>,
  print: (routes: readonly RouteState[]) => void,
): Promise<void> {
  const signal = untilInterrupted();
  const shown = new Map<string, string>();
  for await (const _ of refreshes(client, INTERVAL_MS, signal, { onChange: true })) {
    const routes = await load();
    const changed = routes.filter((route) => shown.get(route.path) !== JSON.stringify(route));
    if (changed.length === 0 && shown.size === routes.length && shown.size > 0) continue;
    shown.clear();
    for (const route of routes) shown.set(route.path, JSON.stringify(route));
    if (out.isTerminal && !out.json) {
      out.redraw();
      print(routes);
      out.say`${dim('Watching. Ctrl-C ends.')}`;
    } else {
      for (const route of changed) {
        out.record(route);
        out.say`${route.path} → ${route.status.toUpperCase()}${route.reason === '' ? '' : ` ${route.reason}`}`;
      }
    }
    out.flush();
  }
}
