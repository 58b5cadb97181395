import type { ServerResponse } from 'node:http';

/** Both platforms answer through Node's response in the end; a hook of the framework for each request would cost those too that nobody counts. */
export function onFinish(response: ServerResponse, listener: (status: number) => void): void {
  response.on('finish', () => listener(response.statusCode));
}
