import type { Api } from '../http/api.js';
import type {
  EvaluationContext,
  FeatureFlag,
  FlagEvaluation,
  FlagFilter,
  FlagInput,
  RolloutInput,
  ScheduledChange,
} from '../wire/flags.js';
import type { EvaluationCount, EvaluationSample, FlagExplanation, StaleFlag } from '../wire/flag-insight.js';
import type { ChangeOptions } from './routes.js';

export interface Precondition {
  /** The record's `ETag`: throws `PreconditionFailedError` when it changed since. */
  readonly ifMatch?: string;
}

/** Feature flags. What names one throws `NotFoundError` where there is none. */
export class FlagsResource {
  constructor(private readonly api: Api) {}

  list(filter: FlagFilter = {}): Promise<readonly FeatureFlag[]> {
    return this.api.get('/api/flags', { ...filter });
  }

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

  /** Replaces the fields given, each as a whole; `key` and `type` stay. `reason` is for the audit log. */
  patch(key: string, fields: Partial<FeatureFlag> & ChangeOptions, precondition: Precondition = {}): Promise<FeatureFlag> {
    return this.api.call('PATCH', at(key), { body: fields, headers: ifMatch(precondition) });
  }

  /** Reads a flag, edits it, and writes the edited fields only if nobody changed the flag meanwhile. */
  async edit(key: string, edit: (flag: FeatureFlag) => Partial<FeatureFlag>): Promise<FeatureFlag> {
    const { value, headers } = await this.api.exchange<FeatureFlag>('GET', at(key));
    return this.patch(key, edit(value), { ifMatch: headers['etag'] });
  }

  /** For good, or for `expires_in`, such as `2h`; then it goes back by itself. */
  enable(key: string, options: ChangeOptions & { readonly expires_in?: string } = {}): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/enable`, options);
  }

  /** Everybody gets the off variation, for good or for `expires_in`. */
  disable(key: string, options: ChangeOptions & { readonly expires_in?: string } = {}): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/disable`, options);
  }

  /** Retires the flag: callers get their own default. */
  archive(key: string, options: ChangeOptions = {}): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/archive`, options);
  }

  /** Takes a retired flag back into use. */
  restore(key: string, options: ChangeOptions = {}): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/restore`, options);
  }

  /** @throws {ConflictError} when another flag needs it */
  delete(key: string): Promise<{ readonly ok: boolean; readonly deleted: string }> {
    return this.api.call('DELETE', at(key));
  }

  evaluate(key: string, context: EvaluationContext = {}): Promise<FlagEvaluation> {
    return this.api.post(`${at(key)}/evaluate`, { context });
  }

  /** Every step of an evaluation. Not counted. */
  explain(key: string, context: EvaluationContext = {}): Promise<FlagExplanation> {
    return this.api.post(`${at(key)}/explain`, { context });
  }

  /** Every step of the evaluation of each flag there is, or of those that match, for one context. Not counted. */
  explainAll(context: EvaluationContext = {}, filter: FlagFilter = {}): Promise<readonly FlagExplanation[]> {
    return this.api.post('/api/flags/explain', { context }, { query: { ...filter } });
  }

  /** Plans a change that makes itself. */
  schedule(key: string, change: Pick<ScheduledChange, 'action' | 'execute_at' | 'payload'>): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/schedule`, change);
  }

  /** Gives up a planned change. */
  unschedule(key: string, changeId: string): Promise<FeatureFlag> {
    return this.api.call('DELETE', `${at(key)}/schedule/${encodeURIComponent(changeId)}`);
  }

  /** Lets a variation grow by steps of time. One at a time: abort the other first. */
  startRollout(key: string, rollout: RolloutInput, precondition: Precondition = {}): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/rollout`, rollout, { headers: ifMatch(precondition) });
  }

  /** Keeps it where it is. */
  pauseRollout(key: string, options: ChangeOptions = {}): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/rollout/pause`, options);
  }

  resumeRollout(key: string, options: ChangeOptions = {}): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/rollout/resume`, options);
  }

  /** What it replaced holds again. */
  abortRollout(key: string, options: ChangeOptions = {}): Promise<FeatureFlag> {
    return this.api.post(`${at(key)}/rollout/abort`, options);
  }

  /** Flags that could be removed, with the reason. `after`: how long they must have been so, e.g. `30d`; default a week. */
  stale({ after }: { readonly after?: string } = {}): Promise<readonly StaleFlag[]> {
    return this.api.get('/api/flags/stale', { after });
  }

  /** Evaluations of the server's process, by flag, variation and minute. */
  counts({ flag }: { readonly flag?: string } = {}): Promise<readonly EvaluationCount[]> {
    return this.api.get('/api/flags/counts', { flag });
  }

  /** Single evaluations of the server's process, newest first. */
  evaluations(
    filter: { readonly flag?: string; readonly variation?: string; readonly key?: string } = {},
  ): Promise<readonly EvaluationSample[]> {
    return this.api.get('/api/flags/evaluations', { ...filter });
  }
}

function at(key: string): string {
  return `/api/flags/${encodeURIComponent(key)}`;
}

export function ifMatch({ ifMatch }: Precondition): Record<string, string> {
  return ifMatch === undefined ? {} : { 'If-Match': ifMatch };
}
