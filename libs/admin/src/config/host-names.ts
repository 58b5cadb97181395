import { ConfigurationError } from '@waygate/core';

/** @throws {ConfigurationError} for an entry that is not a host name */
export function readHostNames(hosts: readonly string[] = []): ReadonlySet<string> {
  if (!Array.isArray(hosts) || !hosts.every(isName))
    throw new ConfigurationError("Option 'hosts' must be a list of host names such as 'dev.shop.example': no scheme, no port.");
  return new Set(hosts.map(canonicalHostName));
}

/** The name in a `Host` header, without its port, as URLs spell it. @throws {TypeError} when it is not a host */
export function canonicalHostName(host: string): string {
  return new URL(`http://${host}`).hostname.replace(/\.$/, '');
}

function isName(host: unknown): boolean {
  if (typeof host !== 'string' || !/^[^\s/:@?#\\]+$/.test(host)) return false;
  return URL.canParse(`http://${host}`);
}
