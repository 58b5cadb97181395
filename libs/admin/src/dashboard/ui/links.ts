import { encodePathKey } from '../admin/surface.js';

/** Makes URLs of the dashboard; everything leads through here, so that a page works wherever the admin is mounted. */
export class Links {
  /** @param root the mount path with its leading slash; empty = the root */
  constructor(readonly root: string) {}

  to(path: string, query: Readonly<Record<string, string | number | null | undefined>> = {}): string {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return `${this.root}/${path}${search === '' ? '' : `?${search}`}`;
  }

  route(key: string): string {
    return this.to(`routes/${encodePathKey(key)}`);
  }

  flag(key: string): string {
    return this.to(`flags/${encodePathKey(key)}`);
  }

  segment(key: string): string {
    return this.to(`segments/${encodePathKey(key)}`);
  }

  webhook(key: string): string {
    return this.to(`webhooks/${encodePathKey(key)}`);
  }

  asset(hashed: string): string {
    return this.to(`assets/${hashed}`);
  }
}
