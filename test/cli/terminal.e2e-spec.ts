import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { PaymentsController, useCli } from '../support/cli-on-server.js';
import type { CliUnderTest } from '../support/cli.js';
import { listening } from '../support/listening.js';

@Controller()
class LongController {
  @Get('a-route-with-a-rather-long-path/:identifier')
  long(): object {
    return { ok: true };
  }
}

// Every line of the terminal ends where the terminal does; the program's own prompts and what is typed share one stream.
describe('The CLI on a terminal', () => {
  let server: AdminApp;
  let cli: CliUnderTest;

  useCli(
    () => startAdmin('fastify', { controllers: [PaymentsController, LongController] }),
    (both) => ({ server, cli } = both),
    null,
  );

  it('asks for user and password, and does not show what is typed', async () => {
    const { stdout, code } = await cli.onTerminal(['login'], {
      answers: [
        ['Username:', ADMIN.username],
        ['Password:', ADMIN.password],
      ],
    });
    expect(code).toBe(0);
    expect(stdout).toContain('Logged in as admin');
    expect(stdout).not.toContain(ADMIN.password);
    expect(existsSync(cli.configPath)).toBe(true);
  });

  it('lists the matches of an ambiguous path, asks, and changes each after a yes', async () => {
    const { stdout, code } = await cli.onTerminal(['disable', '/payments', '-r', 'both'], { answers: [['[y/N]', 'y']] });
    expect(code).toBe(0);
    expect(stdout).toContain('\n  GET:/payments\n  POST:/payments\n');
    expect(stdout).toContain('GET:/payments → \u001B[31mDISABLED\u001B[39m\n');
    expect(stdout).toContain('POST:/payments → \u001B[31mDISABLED\u001B[39m\n');
  });

  it.each(['n', ''])('changes nothing and exits 0 when the answer is "%s"', async (answer) => {
    const { stdout, code } = await cli.onTerminal(['enable', '/payments'], { answers: [['[y/N]', answer]] });
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing was changed.');
    expect((await cli.run(['status', 'GET:/payments'])).stdout).toContain('DISABLED');
  });

  it('waits for nothing after a no', async () => {
    const { stdout, code } = await cli.onTerminal(['enable', '/payments', '--wait'], { answers: [['[y/N]', 'n']] });
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing was changed.');
    expect(stdout).not.toContain('Applied');
  });

  it('colours, unless NO_COLOR, TERM=dumb or --no-color say no', async () => {
    expect((await cli.onTerminal(['status'])).stdout).toContain('\u001B[31mDISABLED\u001B[39m');
    expect((await cli.onTerminal(['status'], { env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001B');
    expect((await cli.onTerminal(['status', '--no-color'])).stdout).not.toContain('\u001B');
  });

  it.each([30, 45, 60, 80, 200])('fits a terminal of %i columns without losing text', async (columns) => {
    const reason = 'the payment provider moves to another data centre';
    await cli.run(['disable', 'GET:/payments', '-r', reason]);
    const { stdout } = await cli.onTerminal(['status', 'GET:/payments'], { columns, env: { NO_COLOR: '1' } });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    for (const word of reason.split(' ')) expect(stdout).toContain(word);
  });

  it('shows when something happened relative to now, which a pipe does not', async () => {
    expect((await cli.onTerminal(['log', '--per-page', '1'])).stdout).toMatch(/just now|\d+ s ago/);
    expect((await cli.run(['log', '--per-page', '1'])).stdout).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  });

  it('strips what could drive the terminal from texts of the server', async () => {
    const nasty = 'safe\u001B[2J\u001B]0;title\u0007\u202Etxt';
    await server.engine.routes.disable('GET:/payments', { reason: nasty });
    const { stdout } = await cli.onTerminal(['status', 'GET:/payments'], { env: { NO_COLOR: '1' } });
    expect(stdout).toContain('safe');
    for (const code of ['\u001B', '\u0007', '\u202E']) expect(stdout).not.toContain(code);
  });

  it('shows a long log through the pager', async () => {
    for (let index = 0; index < 25; index += 1)
      await server.engine.routes.disable('GET:/payments', { reason: `change ${index}` });
    const args = ['log', '--per-page', '60'];
    expect((await cli.onTerminal(args, { env: { PAGER: 'sed s/^/PAGED:/' } })).stdout).toContain('PAGED:');
    expect((await cli.onTerminal(args, { env: { PAGER: 'cat' } })).stdout).not.toContain('PAGED:');
    expect((await cli.onTerminal(args, { env: { PAGER: 'no-such-pager' } })).stdout).toContain('change 7');
  });

  it('asks before it deletes, and takes no answer for a no', async () => {
    const { token } = JSON.parse((await cli.run(['tokens', 'create', 'x', '--json'])).stdout) as { token: string };
    const [, id = ''] = /^wg_([0-9a-f]+)_/.exec(token) ?? [];
    const refused = await cli.onTerminal(['tokens', 'revoke', id], { answers: [['[y/N]', '']] });
    expect(refused).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing was changed.') as string });
    expect((await cli.onTerminal(['tokens', 'revoke', id], { answers: [['[y/N]', 'yes']] })).stdout).toContain(
      `Token ${id} revoked.`,
    );
  });

  it.each(['flags delete f', 'segments delete s', 'tokens revoke t', 'webhooks delete w'])(
    'leaves its question readable while somebody thinks: %s',
    async (line) => {
      const answers = [['[y/N]', 'n']] as const;
      // Longer than it takes until the terminal shows that a server is waited for.
      const { stdout, code } = await cli.onTerminal(line.split(' '), { answers, hesitation: 900 });
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Nothing was changed.') as string });
      expect(stdout).not.toContain('Waiting for');
    },
  );

  it('asks before it applies a file', async () => {
    await cli.run(['export', '-f', 'waygate.yaml']);
    await cli.run(['enable', 'GET:/payments']);
    const { stdout, code } = await cli.onTerminal(['apply'], { answers: [['Apply?', 'y']] });
    expect(code).toBe(0);
    expect(stdout).toContain('Applied 1 change.');
    expect((await cli.run(['status', 'GET:/payments'])).stdout).toContain('DISABLED');
  });

  it('shows that it waits when an answer takes long', async () => {
    const slow = createServer((_request, response) => void setTimeout(() => response.end('[]'), 3_000));
    const port = await listening(slow);
    const { stdout, code } = await cli.onTerminal(['status', '--url', `http://127.0.0.1:${port}`], {
      env: { WAYGATE_TOKEN: 't' },
    });
    slow.close();
    expect(code).toBe(0);
    expect(stdout).toContain(`Waiting for http://127.0.0.1:${port}`);
    expect(stdout).toContain('No routes registered.');
  });
});
