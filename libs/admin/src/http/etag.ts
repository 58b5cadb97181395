import { createHash } from 'node:crypto';

/** The `ETag` of an answer, of what stands in it. */
export function etagOf(content: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 27)}"`;
}

/** Whether `If-None-Match` names it (RFC 9110, §13.1.2). Proxies that compress make tags weak: they count as the same. */
export function matchesEtag(header: string | null, etag: string): boolean {
  return (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*');
}
