import { instantMs, type Deprecation } from '@waygate/core';
import { headerUri } from './custom-response.js';

/**
 * What tells callers that a route is deprecated: `Deprecation: @<unix seconds>` (RFC 9745 §2), `Sunset: <HTTP-date>` (RFC 8594 §3) and
 * links to the successor (RFC 5829 §3.6) and to documentation (RFC 9745 §3).
 */
export function deprecationHeaders({
  since,
  sunset,
  successor,
  link,
}: Deprecation): readonly (readonly [name: string, value: string])[] {
  const headers: [string, string][] = [['Deprecation', `@${Math.floor(instantMs(since) / 1_000)}`]];
  if (sunset !== null) headers.push(['Sunset', new Date(sunset).toUTCString()]);
  const links = [
    successor === null ? null : `<${headerUri(successor)}>; rel="successor-version"`,
    link === null ? null : `<${headerUri(link)}>; rel="deprecation"; type="text/html"`,
  ].filter((entry) => entry !== null);
  if (links.length > 0) headers.push(['Link', links.join(', ')]);
  return headers;
}
