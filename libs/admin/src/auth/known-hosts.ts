import { isIP } from 'node:net';
import { ConfigurationError } from '@waygate/core';
import { headerOf, type AdminRequest } from '../http/admin-request.js';

/**
 * Names under which an admin without sign-in answers. Whoever owns a name can let it resolve to 127.0.0.1, so that a page of theirs is of
 * the same origin as the admin to the browser (DNS rebinding). An address, and `localhost`, cannot be taken over in this way.
 */
export class KnownHosts {
  readonly #names: ReadonlySet<string>;

  /** @throws {ConfigurationError} for what is no host name */
  constructor(hosts: readonly string[] = []) {
    if (!Array.isArray(hosts) || !hosts.every(isName))
      throw new ConfigurationError("Option 'hosts' must be a list of host names such as 'dev.shop.example': no scheme, no port.");
    this.#names = new Set(hosts.map(canonical));
  }

  /** Whether the request was sent to an address, to `localhost` or a name below it, or to a name that was given. */
  includesThatOf(request: AdminRequest): boolean {
    const name = hostNameOf(request);
    if (name === null) return false;
    const isAddress = isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
    return isAddress || name === 'localhost' || name.endsWith('.localhost') || this.#names.has(name);
  }
}

/** The name the request was sent to, without its port; `null` = it does not tell. HTTP/2 has a field of its own for it. */
export function hostNameOf(request: AdminRequest): string | null {
  const host = headerOf(request, 'host') ?? headerOf(request, ':authority');
  return host === null || !URL.canParse(`http://${host}`) ? null : canonical(host);
}

function isName(host: unknown): boolean {
  if (typeof host !== 'string' || !/^[^\s/:@?#\\]+$/.test(host)) return false;
  return URL.canParse(`http://${host}`);
}

function canonical(host: string): string {
  return new URL(`http://${host}`).hostname.replace(/\.$/, '');
}
