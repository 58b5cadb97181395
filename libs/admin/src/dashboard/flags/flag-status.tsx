import type { FlagStatus, StaleFlag } from '@waygate/core';
import { Badge, statusName, type Tone } from '../ui/badge.js';

export const FLAG_STATUSES: readonly FlagStatus[] = ['new', 'active', 'launched', 'inactive', 'deprecated', 'archived'];
const TONES: Readonly<Record<FlagStatus, Tone>> = {
  new: 'info',
  active: 'good',
  launched: 'accent',
  inactive: 'muted',
  deprecated: 'warn',
  archived: 'muted',
};
export const STALE_REASONS: Readonly<Record<StaleFlag['reason'], string>> = {
  not_evaluated: 'Nobody asked for it for a week: is it still in the code?',
  serves_one_value: 'Everybody gets the same for a week: it can leave the code',
  deprecated_in_use: 'Deprecated, but still asked for',
  archived_in_use: 'Archived, but still asked for',
};

export function FlagSwitch({ enabled }: { readonly enabled: boolean }) {
  return (
    <span class={`badge badge-dot ${enabled ? 'badge-good' : 'badge-muted'}`} data-enabled={enabled}>
      {enabled ? 'On' : 'Off'}
    </span>
  );
}

export function FlagStatusBadge({ status }: { readonly status: FlagStatus }) {
  return <Badge tone={TONES[status]}>{statusName(status)}</Badge>;
}

/** Marks a flag that may leave the code. */
export function StaleBadge({ stale }: { readonly stale: StaleFlag | undefined }) {
  return stale === undefined ? null : (
    <Badge tone="warn" title={STALE_REASONS[stale.reason]}>
      Stale
    </Badge>
  );
}
