/** The form of a route key in a URL: base64url of its UTF-8 without padding. */
export function pathKey(routeKey: string): string {
  return Buffer.from(routeKey, 'utf8').toString('base64url');
}
