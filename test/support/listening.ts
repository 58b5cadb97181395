import type { AddressInfo, Server } from 'node:net';

/** Lets a server listen on a free port. @returns the port */
export function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
