/** The little Waygate must know of the web framework below Nest. Only this folder tells Express from Fastify. */
export interface Platform {
  /** The path template under which the handler that answers this request was registered. */
  registeredPath(request: unknown): string | undefined;
  /** Path of the request as it came, without its query. */
  requestPath(request: unknown): string;
  method(request: unknown): string;
  setHeader(response: unknown, name: string, value: string): void;
  /** The three legacy rate-limit headers, of every request that counts: their own way, because it is the busiest. */
  setLegacyLimit(response: unknown, limit: string, remaining: string, reset: string): void;
  /** Adds to a header that may be there already, comma-separated. */
  appendHeader(response: unknown, name: string, value: string): void;
  removeHeader(response: unknown, name: string): void;
  /** Has every request that comes from now on pass through a function before Nest handles it. Must be called before routes are registered. */
  aroundRequests(around: (request: unknown, goOn: () => void) => void): void;
  /** Calls back with the status when the whole answer was handed to the system; not when the caller hung up before. */
  onAnswered(response: unknown, listener: (status: number) => void): void;
  /** Whether an answer began to go out. */
  isAnswered(response: unknown): boolean;
  /** Answers with exactly these bytes; `contentType: null` sends none. */
  send(response: unknown, status: number, contentType: string | null, body: string): void;
  /**
   * Has requests that a route answers to decided before their body is read, as far as the framework allows. Must be called before routes
   * are registered.
   */
  beforeBody(deciders: BeforeBody): void;
  /** Whether an error says that the URL cannot be decoded, so that no route can be matched. */
  isUnreadablePath(error: unknown): boolean;
  /** Gives the request to the app's answer for unknown paths. */
  answerUnknownPath(request: unknown, response: unknown, next: unknown): void;
  /** From within a handler for unknown paths: lets the app's exception filters answer. */
  raise(error: Error, next: unknown): void;
  /** Takes the raw response over for a stream of server-sent events. */
  openEventStream(request: unknown, response: unknown): EventStream;
}

/** What decides about requests before their body is read. */
export interface BeforeBody {
  /** Whether a request is to get what an unknown path gets. */
  readonly hides: (request: unknown, response: unknown) => boolean;
  /** Answers a request that no route answers to. */
  readonly answerUnknown: (request: unknown, response: unknown) => void;
}

/** A raw response that stays open. */
export interface EventStream {
  /** Writes to it; text must be whole events. */
  write(text: string): void;
  /** Bytes the reader has not taken yet. */
  readonly pending: number;
  end(): void;
  onClose(listener: () => void): void;
}
