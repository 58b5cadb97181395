/** Kinds of records, in the order they are listed and written. */
export const RECORD_KINDS = [
  'route',
  'maintenance',
  'rate-limit',
  'limit-scope',
  'flag',
  'segment',
  'webhook',
  'webhook-delivery',
  'token',
  'revocation',
  'edge',
] as const;

export type RecordKind = (typeof RECORD_KINDS)[number];

/** Where a change came from. */
export type Platform = 'code' | 'cli' | 'dashboard' | 'api' | 'sdk' | 'scheduler' | 'system';

/** What was done; the names are those of the wire contract, §3. */
export type AuditAction =
  | 'enable'
  | 'disable'
  | 'maintenance_on'
  | 'env_gate'
  | 'clear'
  | 'maintenance_scheduled'
  | 'schedule_cancelled'
  | 'declare'
  | 'global_maintenance_on'
  | 'global_maintenance_off'
  | 'global_maintenance_updated'
  | 'global_maintenance_scheduled'
  | 'global_schedule_cancelled'
  | 'service_maintenance_on'
  | 'service_maintenance_off'
  | 'service_maintenance_updated'
  | 'service_maintenance_scheduled'
  | 'service_schedule_cancelled'
  | 'rl_policy_set'
  | 'rl_policy_updated'
  | 'rl_policy_deleted'
  | 'rl_reset'
  | 'global_rl_set'
  | 'global_rl_updated'
  | 'global_rl_deleted'
  | 'global_rl_reset'
  | 'global_rl_enabled'
  | 'global_rl_disabled'
  | 'svc_rl_set'
  | 'svc_rl_updated'
  | 'svc_rl_deleted'
  | 'svc_rl_reset'
  | 'svc_rl_enabled'
  | 'svc_rl_disabled'
  | 'flag_created'
  | 'flag_updated'
  | 'flag_enabled'
  | 'flag_disabled'
  | 'flag_deleted'
  | 'segment_created'
  | 'segment_updated'
  | 'segment_deleted'
  | 'webhook_created'
  | 'webhook_updated'
  | 'webhook_enabled'
  | 'webhook_disabled'
  | 'webhook_deleted'
  | 'token_created'
  | 'token_revoked'
  | 'window_opened'
  | 'window_closed'
  | 'override_expired'
  | 'state_restored'
  | 'state_accepted'
  | 'revert';
