import type { Api } from '../http/api.js';
import { followEvents, type StreamOptions } from '../stream/event-stream.js';
import type { ChangeEvent, SdkEvent } from '../wire/events.js';

/** Streams: each begins with what holds and goes on with what changes. Events that are no JSON object are passed over. */
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

  async *#events<T extends ChangeEvent>(path: string, options: StreamOptions): AsyncGenerator<T, void, undefined> {
    for await (const { data } of followEvents(this.api, path, {}, options)) {
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
