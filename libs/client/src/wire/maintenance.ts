/** The switch that takes everything, or one service, down. */
export interface MaintenanceConfig {
  readonly enabled: boolean;
  readonly reason: string;
  /** `/path` (every method) or `METHOD:/path`. */
  readonly exempt_paths: readonly string[];
  /** Whether routes marked force-active go down as well. */
  readonly include_force_active: boolean;
  readonly revision?: number;
}

export interface MaintenanceInput {
  readonly reason?: string;
  readonly exempt_paths?: readonly string[];
  readonly include_force_active?: boolean;
}
