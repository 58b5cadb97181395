import type { Cli } from '../session/cli.js';
import { cyan, dim } from '../terminal/style.js';
import { untilInterrupted } from '../terminal/watch.js';

const VERBS: Readonly<Record<string, string>> = {
  flag_updated: 'changed',
  flag_deleted: 'deleted',
  segment_updated: 'changed',
  segment_deleted: 'deleted',
};

/** Writes each change of a flag or segment as it is heard of. */
export async function stream({ out, client }: Cli): Promise<void> {
  const { events } = await client();
  const onState = (state: { readonly state: string; readonly error?: Error }) => {
    if (state.state === 'lost' && !out.json)
      process.stderr.write(`Connection lost (${state.error?.message ?? ''}); trying again\n`);
  };
  for await (const event of events.follow({ signal: untilInterrupted(), onState })) {
    const verb = VERBS[event.type];
    if (verb === undefined || !('key' in event)) continue;
    out.record(event);
    out.say`${dim(new Date().toISOString().slice(11, 19))} ${event.type.split('_')[0] ?? ''} ${cyan(event.key)} ${verb}`;
    out.flush();
  }
}
