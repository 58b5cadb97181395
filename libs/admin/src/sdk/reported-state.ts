import { toInstant, ValidationError, type RouteDeclaration } from '@waygate/core';
import { isObject } from '../http/body.js';

/** What an SDK says about one of its routes, as far as it makes sense. */
export interface ReportedState {
  readonly path: string;
  /** `null` = it does not say. */
  readonly service: string | null;
  readonly status: 'active' | 'maintenance' | 'disabled' | 'env_gated' | 'deprecated';
  readonly reason: string;
  readonly environments: readonly string[];
  readonly window: { readonly start: string; readonly end: string } | null;
  readonly declaration: RouteDeclaration;
}

const STATUSES = ['active', 'maintenance', 'disabled', 'env_gated', 'deprecated'] as const;

/** Reads a RouteState-like item; `null` = it is none. */
export function readReportedState(item: unknown): ReportedState | null {
  if (!isObject(item)) return null;
  const { path, service = null, reason = '', force_active: forceActive = false } = item;
  const status = STATUSES.find((known) => known === (item['status'] ?? 'active'));
  const environments = item['allowed_envs'] ?? [];
  const { tags } = item;
  if (typeof path !== 'string' || path.startsWith('__waygate:') || status === undefined) return null;
  if ((service !== null && typeof service !== 'string') || typeof reason !== 'string' || typeof forceActive !== 'boolean')
    return null;
  if (!isTexts(environments) || (tags !== undefined && !isTexts(tags))) return null;
  try {
    const window = readWindow(item['window']);
    const declaration: RouteDeclaration = {
      ...(forceActive ? { forceActive } : {}),
      ...(tags === undefined ? {} : { tags }),
      ...(status === 'maintenance' ? { maintenance: { reason, ...window } } : {}),
      ...(status === 'disabled' ? { disabled: { reason } } : {}),
      ...(status === 'env_gated' ? { environments } : {}),
      ...(status === 'deprecated' ? { deprecated: readDeprecation(item) } : {}),
    };
    return { path, service: service === '' ? null : service, status, reason, environments, window, declaration };
  } catch (error) {
    if (error instanceof ValidationError || error instanceof TypeError) return null;
    throw error;
  }
}

function readWindow(window: unknown): ReportedState['window'] {
  if (!isObject(window)) return null;
  return { start: toInstant(window['start'] as string, 'start'), end: toInstant(window['end'] as string, 'end') };
}

function readDeprecation(item: Record<string, unknown>): { sunset?: string; successor?: string } {
  const { sunset_date: sunset, successor_path: successor } = item;
  return {
    ...(typeof sunset === 'string' && sunset !== '' ? { sunset: toInstant(sunset, 'sunset_date') } : {}),
    ...(typeof successor === 'string' && successor !== '' ? { successor } : {}),
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
