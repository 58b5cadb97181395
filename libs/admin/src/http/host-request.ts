import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the host's web framework knows of a connection, by its own `trust proxy` setting. The admin never reads forwarding headers. */
export interface HostConnection {
  readonly ip: string | null;
  /** Whether the caller's connection is https. */
  readonly secure: boolean;
}

/** A request as it came to the host. */
export interface HostRequest extends HostConnection {
  /** As the caller wrote it. */
  readonly url: string;
}

/** Answers a request. */
export type AdminHandler = (request: IncomingMessage, response: ServerResponse) => void;

const HOST_REQUESTS = new WeakMap<IncomingMessage, HostRequest>();

export function rememberHostRequest(request: IncomingMessage, host: HostRequest): void {
  HOST_REQUESTS.set(request, host);
}

export function hostRequestOf(request: IncomingMessage): HostRequest {
  return HOST_REQUESTS.get(request) ?? { ip: request.socket.remoteAddress ?? null, secure: false, url: request.url ?? '/' };
}
