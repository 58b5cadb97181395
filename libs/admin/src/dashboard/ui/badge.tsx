import type { ComponentChildren } from 'preact';
import type { BlockedBy, EffectiveState, RouteStatus } from '@waygate/core';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'muted' | 'accent';

export function Badge({
  tone,
  children,
  title,
}: {
  readonly tone: Tone;
  readonly children: ComponentChildren;
  readonly title?: string;
}) {
  return (
    <span class={`badge badge-${tone}`} title={title}>
      {children}
    </span>
  );
}

const STATUS_TONES: Readonly<Record<RouteStatus, Tone>> = {
  active: 'good',
  maintenance: 'warn',
  disabled: 'bad',
  env_gated: 'info',
  deprecated: 'muted',
};
export const ROUTE_STATUSES = Object.keys(STATUS_TONES) as readonly RouteStatus[];

export function statusName(status: string): string {
  return status === 'env_gated' ? 'Env-gated' : `${status.charAt(0).toUpperCase()}${status.slice(1).replaceAll('_', ' ')}`;
}

/** A route's state, always in the same colours. */
export function StatusBadge({ status }: { readonly status: RouteStatus }) {
  return (
    <span class={`badge badge-dot badge-${STATUS_TONES[status]}`} data-status={status}>
      {statusName(status)}
    </span>
  );
}

const BLOCKERS: Readonly<Record<Exclude<BlockedBy, 'route'>, string>> = {
  global: 'global',
  service: 'service',
  environment: 'environment',
};

/** What a route's requests get now, and what decides it where that is not the route itself. */
export function EffectiveBadge({ state: { status, blockedBy } }: { readonly state: EffectiveState }) {
  return (
    <>
      <StatusBadge status={status} />{' '}
      {blockedBy === null || blockedBy === 'route' ? null : <span class="override">{BLOCKERS[blockedBy]}</span>}
    </>
  );
}

/** An HTTP method, of the same width for all. */
export function Method({ method }: { readonly method: string | null }) {
  return <span class={`method method-${(method ?? 'any').toLowerCase()}`}>{method ?? 'ANY'}</span>;
}
