import { isIP } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { canonicalHostName } from '../config/host-names.js';
import { headerOf, type AdminRequest } from '../http/admin-request.js';

/**
 * Names under which an admin without sign-in answers. Whoever owns a name can let it resolve to 127.0.0.1, so that a page of theirs is of
 * the same origin as the admin to the browser (DNS rebinding). An address, and `localhost`, cannot be taken over in this way.
 */
@Injectable()
export class KnownHosts {
  constructor(@Inject(ADMIN_CONFIG) private readonly config: AdminConfig) {}

  /** Whether the request was sent to an address, to `localhost` or a name below it, or to a name that was given. */
  includesThatOf(request: AdminRequest): boolean {
    const name = hostNameOf(request);
    if (name === null) return false;
    const isAddress = isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
    return isAddress || name === 'localhost' || name.endsWith('.localhost') || this.config.hosts.has(name);
  }
}

/** The name the request was sent to, without its port; `null` = it does not tell. HTTP/2 has a field of its own for it. */
export function hostNameOf(request: AdminRequest): string | null {
  const host = headerOf(request, 'host') ?? headerOf(request, ':authority');
  return host === null || !URL.canParse(`http://${host}`) ? null : canonicalHostName(host);
}
