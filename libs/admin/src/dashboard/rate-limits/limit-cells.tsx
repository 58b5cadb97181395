import type { Instant, RateLimitPolicy } from '@waygate/core';
import { Badge } from '../ui/badge.js';
import { algorithmName, countedApart } from '../ui/policy-words.js';
import { Time } from '../ui/time.js';

/** How a limit counts. */
export function PolicyText({ policy }: { readonly policy: RateLimitPolicy }) {
  return (
    <span class="meta">
      <span>{algorithmName(policy)}</span>
      <span>for {countedApart(policy)}</span>
      {policy.burst === 0 ? null : <span>burst {policy.burst}</span>}
      {policy.tiers.length === 0 ? null : (
        <span>tiers: {policy.tiers.map(({ name, limit }) => `${name} ${limit}`).join(', ')}</span>
      )}
    </span>
  );
}

interface SetByProps {
  readonly who: string;
  readonly at: Instant;
  readonly ends: Instant | null;
}

/** Who set what holds in place of the code, and until when. */
export function SetBy({ who, at, ends }: SetByProps) {
  return (
    <span class="meta">
      <span>
        {who}, <Time at={at} />
      </span>
      {ends === null ? null : (
        <span>
          ends <Time at={ends} />
        </span>
      )}
    </span>
  );
}

/** Whether a limit refuses anybody. */
export function Mode({ mode }: { readonly mode: RateLimitPolicy['mode'] }) {
  if (mode === 'enforce') return <Badge tone="good">Enforced</Badge>;
  return mode === 'shadow' ? <Badge tone="info">Shadow</Badge> : <Badge tone="warn">Paused</Badge>;
}
