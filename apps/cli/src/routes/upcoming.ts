import type { UpcomingChange } from '@waygate/client';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { cyan, dim } from '../terminal/style.js';
import { relativeTo, secondOf } from '../terminal/time.js';

const CHANGES: Readonly<Record<UpcomingChange['change'], string>> = {
  window_opened: 'maintenance begins',
  window_closed: 'maintenance ends',
  override_expired: 'what was set expires',
  switch_back: 'is switched back',
  scheduled_change: 'planned change',
  rollout_step: 'rollout grows',
  rollout_end: 'rollout ends',
};

export async function upcoming({ out, client }: Cli, input: Input): Promise<void> {
  const changes = await (await client()).operations.upcoming({ limit: input.number('limit', 1) });
  out.value(changes);
  if (changes.length === 0) {
    out.say`${dim('Nothing will change by itself.')}`;
    return;
  }
  out.table(
    [{ title: 'When' }, { title: 'Route' }, { title: 'Service' }, { title: 'Change' }, { title: 'Reason', flexible: true }],
    changes.map(({ at, path, service, change, reason }) => [
      out.isTerminal ? relativeTo(at) : secondOf(at),
      cyan(path),
      service ?? '-',
      CHANGES[change] ?? change,
      reason === '' ? '-' : reason,
    ]),
  );
}
