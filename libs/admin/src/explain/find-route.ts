import type { RouteView } from '@waygate/core';
import { badRequest } from '../http/answer-error.js';
import { PathTemplate } from './path-template.js';

/**
 * The routes whose template matches a path, the most exact one first: text before parameters before wildcards, a route of this method before
 * one of all.
 */
export function findRoutes(routes: readonly RouteView[], method: string, path: string): readonly RouteView[] {
  const matching = routes
    .filter((route) => answersTo(route, method))
    .map((route) => ({ route, template: new PathTemplate(route.path) }))
    .filter(({ template }) => template.matches(path));
  const named = ({ route }: { route: RouteView }) => (route.method === method ? 0 : route.method === 'GET' ? 1 : 2);
  return matching.toSorted((a, b) => a.template.compare(b.template) || named(a) - named(b)).map(({ route }) => route);
}

/** HEAD is answered by what answers GET. */
function answersTo({ method: own }: RouteView, method: string): boolean {
  return own === null || own === 'ALL' || own === method || (method === 'HEAD' && own === 'GET');
}

/**
 * A path as routers see it: without query and closing slash, each segment decoded.
 * @throws {AnswerError} 400 for what cannot be decoded
 */
export function requestPath(text: string): string {
  const [raw = ''] = text.split(/[?#]/);
  if (!raw.startsWith('/')) throw badRequest("path must begin with '/'");
  const path = raw.split('/').map(decoded).join('/').replace(/\/+$/, '');
  return path === '' ? '/' : path;
}

function decoded(segment: string): string {
  try {
    const text = decodeURIComponent(segment);
    // A slash that was encoded parts no segments.
    return text.includes('/') ? segment : text;
  } catch {
    throw badRequest('path cannot be decoded');
  }
}
