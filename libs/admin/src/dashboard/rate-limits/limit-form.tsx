import type { LimitScopeInput, RateLimitInput, RateLimitPolicy } from '@waygate/core';
import type { Visit } from '../page/visit.js';
import { listOf, SelectField, TextArea, TextField, type Choice } from '../ui/form.js';

const ALGORITHMS: readonly Choice[] = [
  { value: '', text: 'Default of the app' },
  { value: 'fixed_window', text: 'Fixed window' },
  { value: 'sliding_window', text: 'Sliding window' },
  { value: 'moving_window', text: 'Moving window' },
  { value: 'token_bucket', text: 'Token bucket' },
];
const KEYS: readonly Choice[] = [
  { value: 'ip', text: 'Address' },
  { value: 'user', text: 'User' },
  { value: 'api_key', text: 'API key' },
  { value: 'unverified_api_key', text: 'API key, unverified' },
  { value: 'global', text: 'Everybody together' },
];
const MODES: readonly Choice[] = [
  { value: 'enforce', text: 'Enforce: refuse with 429' },
  { value: 'shadow', text: 'Shadow: record, refuse nobody' },
  { value: 'off', text: 'Off' },
];

interface LimitFieldsProps {
  /** As it is; `null` = a new one. */
  readonly policy: RateLimitPolicy | null;
  /** Whether the limit has a name, as those of routes have. */
  readonly named: boolean;
  /** Routes a limit over many does not count. */
  readonly exemptRoutes?: readonly string[];
}

/** What a limit is made of. */
export function LimitFields({ policy, named, exemptRoutes }: LimitFieldsProps) {
  const custom = policy?.key === 'custom' ? [{ value: 'custom', text: 'A function of the app' }] : [];
  const tiers = policy?.tiers.map(({ name, limit }) => `${name} ${limit}`).join('\n') ?? '';
  return (
    <>
      <div class="row">
        <TextField
          name="limit"
          label="Limit"
          value={policy?.limit}
          placeholder="100/minute"
          required
          hint="Count and period: 20/second, 100/2minutes"
        />
        {named ? (
          <TextField name="name" label="Name" value={policy?.name ?? 'default'} required hint="Tells limits of one route apart" />
        ) : null}
      </div>
      <div class="row">
        <SelectField name="by" label="For each" choices={[...KEYS, ...custom]} value={policy?.key ?? 'ip'} />
        <SelectField name="algorithm" label="Algorithm" choices={ALGORITHMS} value={policy?.algorithm} />
      </div>
      <div class="row">
        <SelectField name="mode" label="Mode" choices={MODES} value={policy?.mode ?? 'enforce'} />
        <TextField name="burst" label="Burst" type="number" value={String(policy?.burst ?? 0)} hint="Added to the limit" />
      </div>
      <details class="more">
        <summary>Tiers and exemptions</summary>
        <TextArea
          name="tiers"
          label="Tiers"
          value={tiers}
          code
          rows={3}
          placeholder={'free 20/minute\npro 200/minute\nenterprise unlimited'}
          hint="One a line: name and limit."
        />
        <div class="row">
          <TextField name="exempt_ips" label="Exempt addresses" value={policy?.exemptIps.join(', ')} placeholder="10.0.0.0/8" />
          <TextField name="exempt_roles" label="Exempt roles" value={policy?.exemptRoles.join(', ')} placeholder="staff" />
        </div>
        {exemptRoutes === undefined ? null : (
          <TextArea
            name="exempt_routes"
            label="Exempt routes"
            value={exemptRoutes.join('\n')}
            code
            rows={2}
            placeholder="/health"
          />
        )}
      </details>
    </>
  );
}

/** The limit a form describes; what the form does not show stays as it was. */
export function limitOf(visit: Visit, before: RateLimitPolicy | null): RateLimitInput {
  const algorithm = visit.field('algorithm');
  const kept =
    before === null
      ? {}
      : {
          onMissingKey: before.onMissingKey,
          tierResolver: before.tierResolver,
          cost: before.cost,
          onStoreError: before.onStoreError,
        };
  const key = visit.field('by') as RateLimitInput['key'];
  const { onMissingKey, ...rest } = kept as Partial<RateLimitInput>;
  return {
    ...rest,
    ...(onMissingKey === undefined || key !== before?.key ? {} : { onMissingKey }),
    limit: visit.field('limit'),
    ...(key === undefined ? {} : { key }),
    ...(algorithm === '' ? {} : { algorithm: algorithm as NonNullable<RateLimitInput['algorithm']> }),
    mode: (visit.field('mode') || 'enforce') as NonNullable<RateLimitInput['mode']>,
    burst: Number(visit.field('burst') || '0'),
    tiers: visit
      .field('tiers')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => {
        const [name = '', ...limit] = line.split(/\s+/);
        return { name, limit: limit.join(' ') };
      }),
    exemptIps: listOf(visit.field('exempt_ips')),
    exemptRoles: listOf(visit.field('exempt_roles')),
  };
}

export function scopeLimitOf(visit: Visit, before: RateLimitPolicy | null): LimitScopeInput {
  return { ...limitOf(visit, before), exemptRoutes: listOf(visit.field('exempt_routes')) };
}
