import type { AuditAction } from '@waygate/core';

/** What an entry is about. Every action has a place here: the type asks for it. */
const ABOUT: Readonly<Record<AuditAction, string>> = {
  enable: 'Routes',
  disable: 'Routes',
  maintenance_on: 'Routes',
  maintenance_scheduled: 'Routes',
  schedule_cancelled: 'Routes',
  env_gate: 'Routes',
  clear: 'Routes',
  declare: 'Routes',
  global_maintenance_on: 'Global maintenance',
  global_maintenance_off: 'Global maintenance',
  global_maintenance_updated: 'Global maintenance',
  global_maintenance_scheduled: 'Global maintenance',
  global_schedule_cancelled: 'Global maintenance',
  service_maintenance_on: 'Maintenance of a service',
  service_maintenance_off: 'Maintenance of a service',
  service_maintenance_updated: 'Maintenance of a service',
  service_maintenance_scheduled: 'Maintenance of a service',
  service_schedule_cancelled: 'Maintenance of a service',
  rl_policy_set: 'Limits',
  rl_policy_updated: 'Limits',
  rl_policy_deleted: 'Limits',
  rl_reset: 'Limits',
  global_rl_set: 'Limits',
  global_rl_updated: 'Limits',
  global_rl_deleted: 'Limits',
  global_rl_reset: 'Limits',
  global_rl_enabled: 'Limits',
  global_rl_disabled: 'Limits',
  svc_rl_set: 'Limits',
  svc_rl_updated: 'Limits',
  svc_rl_deleted: 'Limits',
  svc_rl_reset: 'Limits',
  svc_rl_enabled: 'Limits',
  svc_rl_disabled: 'Limits',
  flag_created: 'Flags',
  flag_updated: 'Flags',
  flag_enabled: 'Flags',
  flag_disabled: 'Flags',
  flag_deleted: 'Flags',
  segment_created: 'Segments',
  segment_updated: 'Segments',
  segment_deleted: 'Segments',
  webhook_created: 'Webhooks',
  webhook_updated: 'Webhooks',
  webhook_enabled: 'Webhooks',
  webhook_disabled: 'Webhooks',
  webhook_deleted: 'Webhooks',
  token_created: 'Tokens',
  token_revoked: 'Tokens',
  window_opened: 'By themselves',
  window_closed: 'By themselves',
  override_expired: 'By themselves',
  state_restored: 'The store',
  state_accepted: 'The store',
  revert: 'Reverts',
};

interface ActionGroup {
  readonly about: string;
  readonly actions: readonly string[];
}

/** All actions, by what they are about. */
export const ACTION_GROUPS: readonly ActionGroup[] = [...new Set(Object.values(ABOUT))].map((about) => ({
  about,
  actions: Object.entries(ABOUT)
    .filter(([, group]) => group === about)
    .map(([action]) => action),
}));
