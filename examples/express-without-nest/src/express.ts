import type { RequestHandler } from 'express';
import { callerOf, type Waygate } from './waygate.js';

/** Stands before the handler of a route: the route is named, so that no spelling of the URL gets around it. */
export function waygateRoute(waygate: Waygate, key: string): RequestHandler {
  return async (request, response, next) => {
    const caller = callerOf(request, request.ip, request.get('x-api-key'));
    const refusal = await waygate.check(key, request.path, request.method, caller);
    if (refusal === null) return next();
    response.status(refusal.status).set(refusal.headers).json(refusal.body);
  };
}
