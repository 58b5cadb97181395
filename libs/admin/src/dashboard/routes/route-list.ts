import type { RouteStatus, RouteView } from '@waygate/core';
import { ROUTE_STATUSES } from '../ui/badge.js';
import { pageOf, type Paged } from '../ui/paging.js';

/** What a list of routes is cut to; empty = everything. */
export interface RouteFilter {
  readonly search: string;
  readonly status: RouteStatus | '';
  /** `-` = those that belong to none. */
  readonly service: string;
  readonly method: string;
  readonly tag: string;
  readonly page: string;
}

export interface RouteList extends Paged<RouteView> {
  /** How many of all that match the other filters have each status. */
  readonly counts: Readonly<Record<RouteStatus, number>>;
  readonly services: readonly string[];
  readonly methods: readonly string[];
  readonly tags: readonly string[];
}

export const PAGE_SIZE = 100;

export function readRouteFilter(query: (name: string) => string): RouteFilter {
  return {
    search: query('q').slice(0, 200),
    status: ROUTE_STATUSES.find((status) => status === query('status')) ?? '',
    service: query('service'),
    method: query('method').toUpperCase(),
    tag: query('tag'),
    page: query('page'),
  };
}

/** One page of the routes that match. */
export function listRoutes(all: readonly RouteView[], filter: RouteFilter): RouteList {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const counts: Record<RouteStatus, number> = { active: 0, maintenance: 0, disabled: 0, env_gated: 0, deprecated: 0 };
  const matching: RouteView[] = [];
  for (const route of all) {
    if (filter.service !== '' && (route.service ?? '-') !== filter.service) continue;
    if (filter.method !== '' && route.method !== filter.method) continue;
    if (filter.tag !== '' && !route.tags.includes(filter.tag)) continue;
    const text = `${route.key} ${route.effective.reason} ${route.tags.join(' ')}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    counts[route.effective.status]++;
    if (filter.status === '' || route.effective.status === filter.status) matching.push(route);
  }
  return {
    ...pageOf(matching, filter.page, PAGE_SIZE),
    counts,
    services: [...new Set(all.map(({ service }) => service ?? '-'))].toSorted(),
    methods: [...new Set(all.map(({ method }) => method ?? ''))].filter((method) => method !== '').toSorted(),
    tags: [...new Set(all.flatMap(({ tags }) => tags))].toSorted(),
  };
}
