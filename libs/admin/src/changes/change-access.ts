import type { Change, WaygateEngine } from '@waygate/core';
import { AnswerError } from '../http/answer-error.js';
import { partsOf } from '../http/path-key.js';
import type { Principal } from '../http/principal.js';

/**
 * Refuses a list unless each of its changes could be made alone, at the endpoint of its own.
 * @throws {AnswerError} 403 naming the change
 */
export function checkMayChange(principal: Principal, changes: readonly Change[], engine: WaygateEngine): void {
  changes.forEach((change, index) => {
    const refused = (why: string) => new AnswerError(403, `changes[${index}]: ${why}`);
    if (change.kind.startsWith('webhook.') && !principal.has('admin'))
      throw refused(`this needs the role 'admin'; yours is '${principal.role}'`);
    if (principal.services === null) return;
    const service = serviceOf(change, engine);
    if (service === null) throw refused('this concerns all services; you are confined to some');
    if (!principal.covers(service)) throw refused('this concerns a service you are not responsible for');
  });
}

/** The service that a change concerns; `null` = all of them, or none. */
function serviceOf(change: Change, engine: WaygateEngine): string | null {
  const { kind } = change;
  if (kind.startsWith('route.') || kind.startsWith('limit.')) return 'key' in change ? serviceOfRoute(change.key, engine) : null;
  return 'service' in change ? (change.service ?? null) : null;
}

/** What is not registered has no service but the one it names. */
function serviceOfRoute(key: unknown, engine: WaygateEngine): string | null {
  if (typeof key !== 'string') return null;
  const known = engine.replication.snapshot.get('route', key);
  if (known !== undefined) return known.value.service;
  try {
    return engine.sync.routes.get(key).service;
  } catch {
    return partsOf(key).service;
  }
}
