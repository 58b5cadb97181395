import { Controller, Get, Post } from '@nestjs/common';
import { afterAll, beforeAll } from 'vitest';
import { ADMIN, type AdminApp } from './admin-app.js';
import { CliUnderTest } from './cli.js';

/** A path with two methods: the least that can be ambiguous. */
@Controller()
export class PaymentsController {
  @Get('payments')
  list(): object {
    return { ok: true };
  }

  @Post('payments')
  create(): object {
    return { ok: true };
  }
}

/** Registers routes of a service that another process serves. */
export async function reportRoutes(server: AdminApp, service: string, keys: readonly string[]): Promise<void> {
  await server.engine.reportedRoutes.register(keys.map((key) => ({ key: `${service}:${key}`, service, declaration: {} })));
}

interface CliOnServer {
  readonly server: AdminApp;
  readonly cli: CliUnderTest;
}

/**
 * The program beside a server, for the tests of a file; both end with them.
 * @param password of `admin`, who signs in first; `null` = nobody does
 * @param started is given both before the first test
 */
export function useCli(
  start: () => Promise<AdminApp>,
  started: (both: CliOnServer) => unknown,
  password: string | null = ADMIN.password,
): void {
  let both: CliOnServer | undefined;
  beforeAll(async () => {
    const server = await start();
    both = { server, cli: new CliUnderTest(() => `${server.url}/waygate`) };
    await started(both);
    if (password !== null) await both.cli.run(['login', ADMIN.username, '--password', password]);
  });
  afterAll(async () => {
    both?.cli.dispose();
    await both?.server.app.close();
  });
}
