import type { SdkEvent, WaygateClient } from '@waygate/client';
import type { Cli } from '../command/cli.js';
import { cyan, dim } from '../terminal/style.js';
import { untilInterrupted } from '../terminal/watch.js';
import { orNone } from './or-none.js';

type Kind = 'flag' | 'segment';

interface Told {
  readonly kind: Kind;
  readonly key: string;
  /** `null` = it is gone. */
  readonly version: string | null;
}

/** Writes each change of a flag or segment as it is heard of. A stream begins with what holds; that is known and not told. */
export async function stream({ out, client }: Cli): Promise<void> {
  const opened = await client();
  const onState = (state: { readonly state: string; readonly error?: Error }) => {
    if (state.state === 'lost' && !out.json)
      process.stderr.write(`Connection lost (${state.error?.message ?? ''}); trying again\n`);
  };
  const known = await versions(opened);
  for await (const event of opened.events.follow({ signal: untilInterrupted(), onState })) {
    const told = toldBy(event);
    if (told === null) continue;
    const id = `${told.kind} ${told.key}`;
    const before = known.get(id);
    if (before === (told.version ?? undefined)) continue;
    if (told.version === null) known.delete(id);
    else known.set(id, told.version);
    const verb = told.version === null ? 'deleted' : before === undefined ? 'created' : 'changed';
    out.record(event);
    out.say`${dim(new Date().toISOString().slice(11, 19))} ${told.kind} ${cyan(told.key)} ${verb}`;
    out.flush();
  }
}

function toldBy(event: SdkEvent): Told | null {
  switch (event.type) {
    case 'flag_updated':
      return { kind: 'flag', key: event.key, version: versionOf(event.flag) };
    case 'segment_updated':
      return { kind: 'segment', key: event.key, version: versionOf(event.segment) };
    case 'flag_deleted':
      return { kind: 'flag', key: event.key, version: null };
    case 'segment_deleted':
      return { kind: 'segment', key: event.key, version: null };
    default:
      return null;
  }
}

/** What is there before the stream begins. */
async function versions({ flags, segments }: WaygateClient): Promise<Map<string, string>> {
  const [allFlags, allSegments] = await Promise.all([orNone(flags.list()), orNone(segments.list())]);
  return new Map([
    ...allFlags.map((flag) => [`flag ${flag.key}`, versionOf(flag)] as const),
    ...allSegments.map((segment) => [`segment ${segment.key}`, versionOf(segment)] as const),
  ]);
}

/** The revision; of servers that have none, all of it. */
function versionOf(record: { readonly revision?: number }): string {
  return record.revision === undefined ? JSON.stringify(record) : String(record.revision);
}
