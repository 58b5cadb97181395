import type { Api } from '../http/api.js';
import type { Segment, SegmentInput, SegmentRule } from '../wire/segments.js';
import { ifMatch, type Precondition } from './flags.js';

export class SegmentsResource {
  constructor(private readonly api: Api) {}

  list(): Promise<readonly Segment[]> {
    return this.api.get('/api/segments');
  }

  /** @throws {NotFoundError} */
  get(key: string): Promise<Segment> {
    return this.api.get(at(key));
  }

  /** @throws {ConflictError} when the segment exists */
  create(segment: SegmentInput): Promise<Segment> {
    return this.api.post('/api/segments', segment);
  }

  /** Creates or replaces. */
  put(segment: SegmentInput, precondition: Precondition = {}): Promise<Segment> {
    return this.api.call('PUT', at(segment.key), { body: segment, headers: ifMatch(precondition) });
  }

  /** Reads a segment, edits it, and writes it only if nobody changed it meanwhile. */
  async edit(key: string, edit: (segment: Segment) => Partial<Segment>): Promise<Segment> {
    const { value, headers } = await this.api.exchange<Segment>('GET', at(key));
    return this.put({ ...value, ...edit(value) }, { ifMatch: headers['etag'] });
  }

  /** @throws {ConflictError} when a flag refers to it */
  delete(key: string): Promise<{ readonly ok: boolean; readonly deleted: string }> {
    return this.api.call('DELETE', at(key));
  }

  /** Adds members; who was excluded no longer is. */
  include(key: string, keys: readonly string[]): Promise<Segment> {
    return this.api.post(`${at(key)}/include`, { keys });
  }

  /** Keeps callers out whatever the rules say. */
  exclude(key: string, keys: readonly string[]): Promise<Segment> {
    return this.api.post(`${at(key)}/exclude`, { keys });
  }

  /** Strikes callers off both lists. */
  forget(key: string, keys: readonly string[]): Promise<Segment> {
    return this.api.post(`${at(key)}/forget`, { keys });
  }

  /** Adds a rule, or replaces the one of the same id. */
  addRule(key: string, rule: SegmentRule): Promise<Segment> {
    return this.api.post(`${at(key)}/rules`, rule);
  }

  removeRule(key: string, ruleId: string): Promise<Segment> {
    return this.api.call('DELETE', `${at(key)}/rules/${encodeURIComponent(ruleId)}`);
  }
}

function at(key: string): string {
  return `/api/segments/${encodeURIComponent(key)}`;
}
