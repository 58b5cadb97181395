import type { Cli } from '../command/cli.js';
import { cyan, dim, green, yellow } from '../terminal/style.js';
import { relativeTo, secondOf } from '../terminal/time.js';

export async function instances({ out, client }: Cli): Promise<void> {
  const fleet = await (await client()).operations.instances();
  out.value(fleet);
  if (fleet.instances.length === 0) {
    out.say`${dim(`No instances follow this server (revision ${fleet.revision}).`)}`;
    return;
  }
  out.table(
    [
      { title: 'Instance' },
      { title: 'Service' },
      { title: 'Version' },
      { title: 'Revision' },
      { title: 'State' },
      { title: 'Last seen' },
    ],
    fleet.instances.map(({ id, service, version, revision, stale, last_seen: seen }) => [
      cyan(id),
      service ?? '-',
      version ?? '-',
      revision >= fleet.revision ? green(String(revision)) : yellow(`${revision} (of ${fleet.revision})`),
      stale ? yellow('gone') : green('connected'),
      out.isTerminal ? relativeTo(seen) : secondOf(seen),
    ]),
  );
}
