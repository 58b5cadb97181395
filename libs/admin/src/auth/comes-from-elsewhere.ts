import { headerOf, type AdminRequest } from '../http/admin-request.js';

/** Whether a browser says that another site made it send this. Clients that are no browsers say nothing. */
export function comesFromElsewhere(request: AdminRequest): boolean {
  const site = headerOf(request, 'sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  const origin = headerOf(request, 'origin');
  if (origin === null) return false;
  try {
    return new URL(origin).host !== headerOf(request, 'host')?.toLowerCase();
  } catch {
    return true;
  }
}
