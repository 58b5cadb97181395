import { isIP } from 'node:net';
import { ValidationError } from '../model/errors.js';
import type { AddressGuard } from './address-guard.js';

/** Resolves to this machine by definition (RFC 6761), whatever a resolver says. */
const LOCAL_NAME = /^(?:localhost|.*\.localhost)\.?$/;

/**
 * Reads where a webhook goes. Host names are looked up when it is called, not here.
 * @returns the URL as it will be used
 * @throws {ValidationError} which does not repeat the URL: it may hold a secret
 */
export function readWebhookUrl(url: unknown, guard: AddressGuard, allowInsecure: boolean, field = 'url'): string {
  const refuse = (problem: string) => new ValidationError(field, problem);
  if (typeof url !== 'string' || url.length > 2_048 || !URL.canParse(url))
    throw refuse("must be a URL of at most 2048 characters, e.g. 'https://example.com/hooks/waygate'");
  const parsed = new URL(url);
  const host = hostOf(parsed);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') throw refuse("must begin with 'https://'");
  if (parsed.protocol === 'http:' && !allowInsecure && !guard.allowsHost(host))
    throw refuse(
      "must begin with 'https://', unless the option 'webhooks.allow' lists its host or 'webhooks.allowInsecure' is set",
    );
  if (parsed.username !== '' || parsed.password !== '')
    throw refuse('must not carry a user or password; receivers verify the signature instead');
  const refused = isIP(host) === 0 ? LOCAL_NAME.test(host) && !guard.allowsHost(host) : !guard.allowsAddress(host);
  if (refused) throw refuse(`leads to '${host}', which is not public. List it in the option 'webhooks.allow' if that is meant`);
  parsed.hash = '';
  return parsed.href;
}

/** Host name, or address without brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
