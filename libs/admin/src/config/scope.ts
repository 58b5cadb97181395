import { ConfigurationError, parseRouteKey } from '@waygate/core';

/**
 * Reads the services somebody is confined to.
 * @returns `null` = all of them, and what belongs to none
 * @throws {ConfigurationError}
 */
export function serviceScope(services: readonly string[] | null | undefined, at: string): readonly string[] | null {
  if (services === undefined || services === null) return null;
  if (!Array.isArray(services) || services.length === 0 || services.length > 100 || !services.every(isServiceName))
    throw new ConfigurationError(`'${at}' must be a list of 1 to 100 service names; leave it out to cover everything.`);
  return [...new Set(services)];
}

export function isServiceName(name: unknown): name is string {
  if (typeof name !== 'string' || name.includes('/') || name.includes(':')) return false;
  try {
    return parseRouteKey(`${name}:GET:/`).service === name;
  } catch {
    return false;
  }
}
