import type { Api } from '../http/api.js';
import { followEvents, type StreamOptions } from '../stream/event-stream.js';
import type { SdkEvent } from '../wire/events.js';

/** The stream of changes. */
export class EventsResource {
  constructor(private readonly api: Api) {}

  /** Follows `GET /api/sdk/events` until the signal aborts; see {@link followEvents}. Events that are no JSON object are passed over. */
  async *follow(options: StreamOptions = {}): AsyncGenerator<SdkEvent, void, undefined> {
    for await (const { data } of followEvents(this.api, '/api/sdk/events', {}, options)) {
      const event = parseEvent(data);
      if (event !== null) yield event;
    }
  }
}

/** An object of unknown `type` with a path is a bare route state, as old servers send it. */
function parseEvent(data: string): SdkEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  if ('type' in value && typeof value.type === 'string') return value as SdkEvent;
  return 'path' in value ? ({ type: 'state', payload: value } as SdkEvent) : null;
}
