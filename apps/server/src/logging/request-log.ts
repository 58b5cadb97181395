import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Gate } from './gate.js';
import { CURRENT_REQUEST, type JsonLogger } from './json-logger.js';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * Gives each request an id (that of `X-Request-Id`, where a proxy made one), and writes a line when it is answered: without query, headers
 * or body, where secrets are. Asks the gate before anything else happens.
 */
export function logRequests(server: Server, logger: JsonLogger, gate: Gate): void {
  const listeners = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const given = request.headers['x-request-id'];
    const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    const began = performance.now();
    response.setHeader('x-request-id', id);
    CURRENT_REQUEST.run({ id }, () => {
      response.on('close', () => tell(request, response, id, performance.now() - began, logger));
      if (!gate.answers(request, response)) for (const listener of listeners) listener.call(server, request, response);
    });
  });
}

function tell(request: IncomingMessage, response: ServerResponse, id: string, ms: number, logger: JsonLogger): void {
  const [path = '/'] = (request.url ?? '/').split('?');
  const level = path.startsWith('/api/health/') ? 'debug' : 'info';
  logger.event(level, 'request', {
    request: id,
    method: request.method,
    path: path.slice(0, 512),
    status: response.headersSent ? response.statusCode : null,
    ms: Math.round(ms * 10) / 10,
    ...(response.writableFinished ? {} : { broken_off: true }),
  });
}
