import type { RouteStatus, RouteView } from '@waygate/core';
import { ROUTE_STATUSES } from '../ui/badge.js';

/** What a list of routes is cut to; empty = everything. */
export interface RouteFilter {
  readonly search: string;
  readonly status: RouteStatus | '';
  /** `-` = those that belong to none. */
  readonly service: string;
  readonly method: string;
  readonly tag: string;
  /** From 1. */
  readonly page: number;
}

export interface RouteList {
  readonly items: readonly RouteView[];
  readonly total: number;
  readonly pages: number;
  readonly page: number;
  /** How many of all that match the other filters have each status. */
  readonly counts: Readonly<Record<RouteStatus, number>>;
  readonly services: readonly string[];
  readonly methods: readonly string[];
  readonly tags: readonly string[];
}

export const PAGE_SIZE = 100;

export function readRouteFilter(query: (name: string) => string): RouteFilter {
  const page = Number(query('page'));
  return {
    search: query('q').slice(0, 200),
    status: ROUTE_STATUSES.find((status) => status === query('status')) ?? '',
    service: query('service'),
    method: query('method').toUpperCase(),
    tag: query('tag'),
    page: Number.isInteger(page) && page > 0 ? page : 1,
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
    const text = `${route.key} ${route.reason} ${route.tags.join(' ')}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    counts[route.status]++;
    if (filter.status === '' || route.status === filter.status) matching.push(route);
  }
  const pages = Math.max(1, Math.ceil(matching.length / PAGE_SIZE));
  const page = Math.min(filter.page, pages);
  return {
    items: matching.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE),
    total: matching.length,
    pages,
    page,
    counts,
    services: [...new Set(all.map(({ service }) => service ?? '-'))].toSorted(),
    methods: [...new Set(all.map(({ method }) => method ?? ''))].filter((method) => method !== '').toSorted(),
    tags: [...new Set(all.flatMap(({ tags }) => tags))].toSorted(),
  };
}
