import type { Api, Query } from '../http/api.js';
import { followEvents, type StreamOptions } from '../stream/follow-events.js';
import type { ChangeEvent, EvaluationEvent, SdkEvent } from '../wire/events.js';

/** Streams: those of changes begin with what holds and go on with what changes. Events that are no JSON object are passed over. */
export class EventsResource {
  constructor(private readonly api: Api) {}

  /** What SDKs follow, until the signal aborts; see {@link followEvents}. With the client's `appId`, of that service. */
  follow(options: StreamOptions = {}): AsyncGenerator<SdkEvent, void, undefined> {
    return this.#events<SdkEvent>('/api/sdk/events', options);
  }

  /** The same of all services, each change with its audit entry. */
  changes(options: StreamOptions = {}): AsyncGenerator<ChangeEvent, void, undefined> {
    return this.#events<ChangeEvent>('/api/events', options);
  }

  /** Evaluations of the server's process as they happen: of one flag, of one that gave a variation, or for the key of one context. */
  evaluations(
    filter: { readonly flag?: string; readonly variation?: string; readonly key?: string } = {},
    options: StreamOptions = {},
  ): AsyncGenerator<EvaluationEvent, void, undefined> {
    return this.#events<EvaluationEvent>('/api/flags/evaluations/stream', options, { ...filter });
  }

  async *#events<T extends ChangeEvent | EvaluationEvent>(
    path: string,
    options: StreamOptions,
    query: Query = {},
  ): AsyncGenerator<T, void, undefined> {
    for await (const { data } of followEvents(this.api, path, query, options)) {
      const event = parseEvent(data);
      if (event !== null) yield event as T;
    }
  }
}

/** An object of unknown `type` with a path is a bare route state, as old servers send it. */
function parseEvent(data: string): ChangeEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  if ('type' in value && typeof value.type === 'string') return value as ChangeEvent;
  return 'path' in value ? ({ type: 'state', payload: value } as SdkEvent) : null;
}
