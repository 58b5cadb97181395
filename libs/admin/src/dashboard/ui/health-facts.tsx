import type { Health } from '@waygate/core';
import { Badge } from './badge.js';
import type { Fact } from './parts.js';
import { Time } from './time.js';

/** Whether the store answers, why not, and since when. */
export function healthFacts({ status, reason, since }: Health): readonly Fact[] {
  return [
    ['Store', status === 'ready' ? <Badge tone="good">answers</Badge> : <Badge tone="warn">{status}</Badge>],
    reason === '' ? null : ['Why', reason],
    ['So since', <Time at={since} />],
  ];
}
