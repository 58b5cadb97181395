import { windowIsOpen, type MaintenanceRecord } from '@waygate/core';

/** GlobalMaintenanceConfig on the wire (wire contract, §3). */
export interface MaintenanceConfig {
  /** Whether it holds now: clients that know no windows read nothing else. */
  readonly enabled: boolean;
  readonly reason: string;
  readonly exempt_paths: readonly string[];
  readonly include_force_active: boolean;
}

export function maintenanceConfig(record: MaintenanceRecord, now: number): MaintenanceConfig {
  return {
    enabled: record.enabled && windowIsOpen(record.window, now),
    reason: record.reason,
    exempt_paths: record.exempt,
    include_force_active: record.includeForceActive,
  };
}
