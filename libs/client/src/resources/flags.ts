import type { Api } from '../http/api.js';
import type { EvaluationContext, FeatureFlag, FlagEvaluation, FlagInput } from '../wire/flags.js';
import type { FlagExplanation, StaleFlag } from '../wire/flag-insight.js';

export interface Precondition {
  /** The record's `ETag`: throws `PreconditionFailedError` when it changed since. */
  readonly ifMatch?: string;
}

export class FlagsResource {
  constructor(private readonly api: Api) {}

  list(): Promise<readonly FeatureFlag[]> {
    return this.api.get('/api/flags');
  }

  /** @throws {NotFoundError} */
  get(key: string): Promise<FeatureFlag> {
    return this.api.get(at(key));
  }

  /** @throws {ConflictError} when the flag exists */
  create(flag: FlagInput): Promise<FeatureFlag> {
    return this.api.post('/api/flags', flag);
  }

  /** Creates or replaces. */
  put(flag: FlagInput, precondition: Precondition = {}): Promise<FeatureFlag> {
    return this.api.call('PUT', at(flag.key), { body: flag, headers: ifMatch(precondition) });
  }

  /** Replaces the fields given, each as a whole; `key` and `type` stay. */
  patch(key: string, fields: Partial<FeatureFlag>, precondition: Precondition = {}): Promise<FeatureFlag> {
    return this.api.call('PATCH', at(key), { body: fields, headers: ifMatch(precondition) });
  }

  /** Reads a flag, edits it, and writes the edited fields only if nobody changed the flag meanwhile. */
  async edit(key: string, edit: (flag: FeatureFlag) => Partial<FeatureFlag>): Promise<FeatureFlag> {
    const { value, headers } = await this.api.exchange<FeatureFlag>('GET', at(key));
    return this.patch(key, edit(value), { ifMatch: headers['etag'] });
  }

  enable(key: string): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/enable`);
  }

  disable(key: string): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/disable`);
  }

  delete(key: string): Promise<{ readonly ok: boolean; readonly deleted: string }> {
    return this.api.call('DELETE', at(key));
  }

  evaluate(key: string, context: EvaluationContext = {}): Promise<FlagEvaluation> {
    return this.api.post(`${at(key)}/evaluate`, { context });
  }

  /** Every step of an evaluation. */
  explain(key: string, context: EvaluationContext = {}): Promise<FlagExplanation> {
    return this.api.post(`${at(key)}/explain`, { context });
  }

  /** Flags that could be removed, with the reason. */
  stale(): Promise<readonly StaleFlag[]> {
    return this.api.get('/api/flags/stale');
  }
}

function at(key: string): string {
  return `/api/flags/${encodeURIComponent(key)}`;
}

export function ifMatch({ ifMatch }: Precondition): Record<string, string> {
  return ifMatch === undefined ? {} : { 'If-Match': ifMatch };
}
