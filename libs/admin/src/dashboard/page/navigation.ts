import type { Principal } from '../admin/surface.js';
import type { IconName } from '../ui/icon.js';

export type Section =
  | 'overview'
  | 'routes'
  | 'rate-limits'
  | 'blocked'
  | 'flags'
  | 'segments'
  | 'playground'
  | 'audit'
  | 'webhooks'
  | 'services'
  | 'settings';

interface NavigationItem {
  readonly section: Section;
  readonly title: string;
  readonly path: string;
  readonly icon: IconName;
  /** Not for those who are confined to services: it belongs to none. */
  readonly forAll: boolean;
  readonly role: 'viewer' | 'admin';
}

export interface NavigationGroup {
  readonly title: string;
  readonly items: readonly NavigationItem[];
}

const item = (
  section: Section,
  title: string,
  icon: IconName,
  { forAll = false, role = 'viewer', path = section }: Partial<Pick<NavigationItem, 'forAll' | 'role' | 'path'>> = {},
): NavigationItem => ({ section, title, path, icon, forAll, role });

const GROUPS: readonly NavigationGroup[] = [
  {
    title: 'Traffic',
    items: [
      item('overview', 'Overview', 'pulse', { path: '' }),
      item('routes', 'Routes', 'route'),
      item('rate-limits', 'Rate limits', 'gauge'),
      item('blocked', 'Blocked', 'shield'),
    ],
  },
  {
    title: 'Features',
    items: [
      item('flags', 'Flags', 'flag', { forAll: true }),
      item('segments', 'Segments', 'people', { forAll: true }),
      item('playground', 'Playground', 'flask', { forAll: true }),
    ],
  },
  {
    title: 'Operations',
    items: [
      item('audit', 'Audit', 'history'),
      item('webhooks', 'Webhooks', 'hook', { forAll: true, role: 'admin' }),
      item('services', 'Services', 'stack'),
      item('settings', 'Settings', 'cog'),
    ],
  },
];

/** The pages somebody may open. */
export function navigationFor(who: Principal): readonly NavigationGroup[] {
  return GROUPS.map(({ title, items }) => ({
    title,
    items: items.filter(({ forAll, role }) => who.has(role) && (!forAll || who.services === null)),
  })).filter(({ items }) => items.length > 0);
}
