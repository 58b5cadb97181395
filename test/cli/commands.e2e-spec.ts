import { readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Deprecated, ForceActive, Maintenance, RateLimit } from '@waygate/nestjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { PaymentsController, reportRoutes, useCli } from '../support/cli-on-server.js';
import { expected, type CliUnderTest, type Line } from '../support/cli.js';

@Controller()
class ShopController {
  @Get('items/:id')
  item(): object {
    return { ok: true };
  }

  @Get('vital')
  @ForceActive()
  vital(): object {
    return { ok: true };
  }

  @Get('rebuilt')
  @Maintenance({ reason: 'being rebuilt' })
  rebuilt(): object {
    return { ok: true };
  }

  @Get('searched')
  @ApiTags('catalogue')
  @RateLimit('50/minute')
  searched(): object {
    return { ok: true };
  }

  @Get('old')
  @Deprecated({ sunset: '2030-01-01' })
  old(): object {
    return { ok: true };
  }
}

const FOOTER = (last: number) => `Showing 1–${last} • (last page)\n`;

const LIFECYCLE: readonly Line[] = [
  ['enable GET:/payments', '✓ GET:/payments → ACTIVE\n'],
  ['disable get:/payments --reason hotfix', '✗ GET:/payments → DISABLED\n  Reason: hotfix\n'],
  [
    'disable GET:/payments -r x --until 2h',
    /^✗ GET:\/payments → DISABLED\n {2}Reason: x\n {2}Auto-re-enable scheduled for \d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/,
  ],
  [
    'disable GET:/payments --until 2031-05-06T07:08Z',
    '✗ GET:/payments → DISABLED\n  Auto-re-enable scheduled for 2031-05-06 07:08 UTC\n',
  ],
  ['disable GET:/payments --until "2031-05-06 09:08+02:00"', /2031-05-06 07:08 UTC\n$/],
  ['clear GET:/payments', '✓ GET:/payments → ACTIVE (as the code declares)\n'],
  ['maintenance GET:/payments -r migration', '⚠ GET:/payments → MAINTENANCE\n  Reason: migration\n'],
  [
    'maintenance GET:/payments --start 2031-01-01 --end 2031-01-01T02:00',
    '⚠ GET:/payments → MAINTENANCE\n  Window: 2031-01-01 00:00 UTC – 2031-01-01 02:00 UTC\n',
  ],
  [
    'schedule GET:/items/:id --start 2031-01-01T00:00Z --end 2031-01-01T02:00Z -r upgrade',
    '⏰ Scheduled maintenance for GET:/items/:id\n  Start: 2031-01-01 00:00 UTC\n  End: 2031-01-01 02:00 UTC\n  Reason: upgrade\n',
  ],
  [
    'status GET:/items/:id',
    /GET:\/items\/:id +- +ACTIVE +- +- +maintenance 2031-01-01 00:00 UTC\nShowing 1–1 • \(last page\)\n$/,
  ],
  ['unschedule GET:/items/:id', '✓ Scheduled maintenance of GET:/items/:id cancelled\n'],
  [
    'schedule GET:/items/:id --every "0 2 * * 1" --for 2h --time-zone Europe/Berlin',
    '⏰ Scheduled maintenance for GET:/items/:id\n  Every: 0 2 * * 1 (Europe/Berlin), for 2h\n',
  ],
  ['upcoming', /UTC +GET:\/items\/:id +- +maintenance begins +-\n/],
  ['unschedule GET:/items/:id', '✓ Scheduled maintenance of GET:/items/:id cancelled\n'],
  ['clear GET:/payments', '✓ GET:/payments → ACTIVE (as the code declares)\n'],
  ['upcoming', 'Nothing will change by itself.\n'],
  ['enable GET:/rebuilt --until 2031-05-06T07:08Z', '✓ GET:/rebuilt → ACTIVE\n  Until: 2031-05-06 07:08 UTC\n'],
  ['upcoming', /2031-05-06 07:08:00 UTC +GET:\/rebuilt +- +what was set expires /],
  ['clear GET:/rebuilt', '✓ GET:/rebuilt → MAINTENANCE (as the code declares)\n'],
  ['maintenance GET:/payments --until 30m -r x', /^⚠ GET:\/payments → MAINTENANCE\n {2}Reason: x\n {2}Until: /],
  ['env set GET:/payments dev --until 30m', /^🔒 GET:\/payments → ENV_GATED \(dev\)\n {2}Until: /],
  ['env set GET:/payments dev staging --reason "not yet"', '🔒 GET:/payments → ENV_GATED (dev, staging)\n  Reason: not yet\n'],
  ['status GET:/payments', /GET:\/payments +- +ENV_GATED \(environment\) +not yet +dev, staging +-\n/],
  ['env clear GET:/payments', '✓ GET:/payments → ACTIVE (env gate removed)\n'],
  ['disable /payments --yes', '✗ GET:/payments → DISABLED\n✗ POST:/payments → DISABLED\n'],
  ['enable /payments -y', '✓ GET:/payments → ACTIVE\n✓ POST:/payments → ACTIVE\n'],
  ['disable /items/:id', '✗ GET:/items/:id → DISABLED\n'],
  ['clear /items/:id', '✓ GET:/items/:id → ACTIVE (as the code declares)\n'],
];

const MAINTENANCE: readonly Line[] = [
  ['global status', 'Global maintenance: OFF\n'],
  ['global exempt-add /health', '✓ Added /health to exempt list (1 total)\n'],
  ['global status', 'Global maintenance: OFF\n  Exempt: /health\n'],
  ['global exempt-add get:/live', '✓ Added GET:/live to exempt list (2 total)\n'],
  ['global exempt-remove /nowhere', '/nowhere is not on the exempt list.\n'],
  ['global exempt-remove /health', '✓ Removed /health from exempt list (1 total)\n'],
  [
    'global enable -r deploy -e /health -e GET:/live --include-force-active',
    'Global maintenance ENABLED\n  Reason: deploy\n  Exempt: /health, GET:/live\n  Force-active routes are included\n',
  ],
  ['global exempt-add /more', '✓ Added /more to exempt list (3 total)\n'],
  ['global status', /^Global maintenance: ON\n/],
  ['global disable', 'Global maintenance DISABLED\n'],
  ['sm status payments', 'Service maintenance (payments): OFF\n'],
  ['sm enable payments --reason upgrade', 'Service maintenance ENABLED for payments\n  Reason: upgrade\n'],
  ['service-maintenance status payments', 'Service maintenance (payments): ON\n  Reason: upgrade\n'],
  ['sm exempt-add payments /health', '✓ Added /health to exempt list (1 total)\n'],
  ['sm disable payments', 'Service maintenance DISABLED for payments\n'],
  [
    'global enable -r deploy --until 2031-05-06T07:08Z',
    'Global maintenance ENABLED\n  Reason: deploy\n  Next change: 2031-05-06 07:08 UTC\n',
  ],
  ['global disable -r done', 'Global maintenance DISABLED\n'],
  [
    'global schedule --start 2031-01-01 --end 2031-01-02 -e /health',
    '⏰ Scheduled global maintenance\n  Start: 2031-01-01 00:00 UTC\n  End: 2031-01-02 00:00 UTC\n',
  ],
  ['global status', 'Global maintenance: OFF\n  Exempt: /health\n  Next change: 2031-01-01 00:00 UTC\n'],
  ['global unschedule', '✓ Scheduled global maintenance cancelled\n'],
  [
    'sm schedule payments --every "0 3 * * 0" --for 30m',
    '⏰ Scheduled service maintenance for payments\n  Every: 0 3 * * 0 (UTC), for 30m\n',
  ],
  ['sm unschedule payments', '✓ Scheduled service maintenance cancelled for payments\n'],
];

const LIMITS: readonly Line[] = [
  ['rl set /payments 10/minute', '✓ Rate limit set: GET /payments → 10/minute (fixed_window, key=ip)\n'],
  [
    'rl set post:/payments "5 per second" -a sliding_window -k user -b 2',
    '✓ Rate limit set: POST /payments → 5/second (sliding_window, key=user)\n',
  ],
  ['rate-limits list', /GET \/payments +10\/minute +fixed_window +ip +0 +-\n/],
  ['rl list --per-page 1 --page 2', /Showing 2–2 • ← --page 1 • --page 3 →\n$/],
  ['rl reset /payments', '✓ Rate limit counters reset for /payments\n'],
  ['rl reset POST:/payments', '✓ Rate limit counters reset for POST /payments\n'],
  ['rl delete /payments', '✓ Rate limit policy deleted: GET /payments\n'],
  ['rl hits', 'No blocked requests recorded.\n'],
  [
    'rl set /payments 9/minute --name burst --mode shadow --cost 2 --tier pro=90/minute --exempt-ip 10.0.0.0/8 --exempt-role admin',
    /^✓ Rate limit set: GET \/payments → 9\/minute /,
  ],
  ['rl list', /GET \/payments \(burst\) +9\/minute \(shadow\) +fixed_window +user +0 +pro=90\/minute\n/],
  ['rl set /payments 9/minute --until 2h', /^✓ Rate limit set: GET \/payments → 9\/minute /],
  ['rl delete /payments', '✓ Rate limit policy deleted: GET /payments\n'],
  ['grl get', 'No global rate limit policy set.\n'],
  [
    'grl set 100/minute -k api_key -e /health',
    '✓ Global rate limit set: 100/minute (fixed_window, key=api_key)\n  Exempt: /health\n',
  ],
  ['global-rate-limit get', /Limit +100\/minute\nState +on\n/],
  ['grl disable', '✓ Global rate limit paused.\n'],
  ['grl get', /State +paused\n/],
  ['grl enable', '✓ Global rate limit resumed.\n'],
  ['grl reset', '✓ Global rate limit counters reset.\n'],
  ['grl disable --until 2031-05-06T07:08Z', '✓ Global rate limit paused.\n  Until: 2031-05-06 07:08 UTC\n'],
  ['grl get', /State +paused\n[^]*Resumes +2031-05-06 07:08 UTC\n$/],
  ['grl delete', '✓ Global rate limit policy removed.\n'],
  ['srl get payments', 'No service rate limit policy set for payments.\n'],
  ['srl set payments 20/second', '✓ Service rate limit set for payments: 20/second (fixed_window, key=ip)\n'],
  ['service-rate-limit disable payments', '✓ Service rate limit paused for payments.\n'],
  ['srl enable payments', '✓ Service rate limit resumed for payments.\n'],
  ['srl reset payments', '✓ Service rate limit counters reset for payments.\n'],
  ['srl delete payments', '✓ Service rate limit policy removed for payments.\n'],
];

describe('The CLI against a real server', () => {
  let server: AdminApp;
  let cli: CliUnderTest;

  useCli(
    async () => {
      const started = await startAdmin('express', { controllers: [PaymentsController, ShopController] });
      await reportRoutes(started, 'payments', ['GET:/health', 'GET:/live', 'GET:/more']);
      return started;
    },
    (both) => ({ server, cli } = both),
  );

  const run = (line: string, input?: string) => cli.line(line, input === undefined ? {} : { input });

  it('shows the routes as a table that scripts can read', async () => {
    const { stdout, code } = await run('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Route +Service +Status +Reason +Envs +Until\n─/);
    expect(stdout).toMatch(/\nGET:\/rebuilt +- +MAINTENANCE +being rebuilt +- +-\n/);
    expect(stdout).toMatch(/\nGET:\/old +- +DEPRECATED /);
    expect(stdout.endsWith(FOOTER(10))).toBe(true);
    expect(stdout).not.toContain('\u001B');
  });

  it('shows the routes with a tag', async () => {
    const { stdout } = await run('status --tag catalogue');
    expect(stdout).toContain('GET:/searched');
    expect(stdout.endsWith(FOOTER(1))).toBe(true);
    expect((await run('status --tag nothing')).stdout).toBe('No routes registered.\n');
  });

  it('pages through the routes, methods of a path together', async () => {
    const { stdout } = await run('status --per-page 3 --page 2');
    expect(
      stdout
        .split('\n')
        .slice(2, 5)
        .map((row) => row.split(' ')[0]),
    ).toEqual(['POST:/payments', 'GET:/rebuilt', 'GET:/searched']);
    expect(stdout).toContain('Showing 4–6 • ← --page 1 • --page 3 →\n');
    expect((await run('status --page 9')).stdout).toBe('No routes on page 9.\n');
  });

  it('changes the state of routes', { timeout: 120_000 }, async () => {
    expect(await cli.play(LIFECYCLE)).toEqual(expected(LIFECYCLE));
  });
  it('switches maintenance of everything and of a service', { timeout: 120_000 }, async () => {
    expect(await cli.play(MAINTENANCE)).toEqual(expected(MAINTENANCE));
  });
  it('sets, pauses, resets and removes limits', { timeout: 120_000 }, async () => {
    expect(await cli.play(LIMITS)).toEqual(expected(LIMITS));
  });

  it('gives JSON that programs can use', async () => {
    const routes = JSON.parse((await run('status --json')).stdout) as { path: string; status: string }[];
    expect(routes.find(({ path }) => path === 'GET:/rebuilt')).toMatchObject({ status: 'maintenance', source: 'declared' });
    expect(JSON.parse((await run('disable GET:/payments -r x --json')).stdout)).toMatchObject({
      path: 'GET:/payments',
      status: 'disabled',
      reason: 'x',
    });
    const both = (await run('enable /payments --yes --json')).stdout.trimEnd().split('\n');
    expect(both.map((line) => (JSON.parse(line) as { path: string }).path)).toEqual(['GET:/payments', 'POST:/payments']);
    expect(JSON.parse((await run('global status --json')).stdout)).toMatchObject({ enabled: false });
    expect(JSON.parse((await run('config show --json')).stdout)).toMatchObject({ username: 'admin', signed_in: true });
  });

  it('tells who changed what, newest first', async () => {
    await run('disable GET:/payments -r "first line"');
    await run('enable GET:/payments');
    const { stdout } = await run('log --route GET:/payments --per-page 2');
    const [head, , newest, before, footer] = stdout.split('\n');
    expect(head).toMatch(/^Timestamp +Route +Action +Actor +Platform +Status +Reason$/);
    expect(newest).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC +GET:\/payments +enable +admin +cli +disabled → active +-$/);
    expect(before).toMatch(/ disable +admin +cli +active → disabled +first line$/);
    expect(footer).toBe('Showing 1–2 • --page 2 →');
    expect((await run('audit --route GET:/nowhere')).stdout).toBe('No audit entries found.\n');
    expect((await run('log --page 99')).stdout).toBe('No entries on page 99.\n');
    expect((await run('log --since 2031-01-01')).stdout).toBe('No audit entries found.\n');
    expect((await run('history GET:/payments --limit 1')).stdout).toMatch(/\n\d+ +\d{4}.* GET:\/payments +enable +admin +-\n$/);
  });

  it('shows refused requests', async () => {
    await run('rl set GET:/items/:id 1/hour');
    await server.request('/items/1');
    await server.request('/items/1');
    expect((await run('rl hits --route GET:/items/:id')).stdout).toMatch(/ GET \/items\/:id +\S+ +1\/hour +- +\d{4}-.* UTC\n/);
    await run('rl delete GET:/items/:id');
  });

  it('makes, lists and revokes tokens that work', async () => {
    const made = JSON.parse((await run('tokens create ci --role viewer --expires 90d --json')).stdout) as {
      id: string;
      token: string;
    };
    const env = { WAYGATE_TOKEN: made.token };
    expect((await cli.run(['status'], { env })).code).toBe(0);
    expect((await run('tokens list')).stdout).toMatch(new RegExp(`${made.id} +ci +viewer +all `));
    expect((await run(`tokens revoke ${made.id}`)).stderr).toBe('Error: this needs a yes: add --yes\n');
    expect((await run(`tokens revoke ${made.id} --yes`)).stdout).toBe(`✓ Token ${made.id} revoked.\n`);
    expect((await cli.run(['status'], { env })).stderr).toBe('Error: Authentication required.\nRun: waygate login <username>\n');
  });

  it('finds nothing to complain about in a healthy setting', async () => {
    const { stdout, code } = await run('doctor');
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ sign-in: admin \(admin\), the token ends in 24 h\n/);
    expect(stdout).toMatch(/✓ clock: agrees with the server\n/);
    expect((await run('open')).stdout).toBe(`${server.url}/waygate/\n`);
  });

  it('keeps the password hash to itself and in a form the server takes', async () => {
    const { stdout, code } = await run('users hash-password --password-stdin', 'top secret\n');
    expect(code).toBe(0);
    const hashed = await startAdmin('express', { admin: { auth: { username: 'eve', password: stdout.trim() } } });
    const url = `${hashed.url}/waygate`;
    expect((await cli.run(['login', 'eve', '--password-stdin', '--url', url], { input: 'top secret' })).code).toBe(0);
    await hashed.app.close();
    await run(`login ${ADMIN.username} --password "${ADMIN.password}"`);
  });

  describe('with a declarative file', () => {
    const file = () => join(cli.home, 'waygate.yaml');

    it('exports what operators set, and finds no difference to it', async () => {
      await run('disable GET:/payments -r broken');
      await run('rl set GET:/items/:id 7/minute');
      const { stdout } = await run('export');
      expect(stdout).toContain('  GET:/payments:\n    status: disabled\n    reason: broken\n');
      expect(stdout).toContain('  GET:/items/:id:\n    limit: 7/minute\n');
      expect(stdout).not.toContain('/rebuilt');
      expect(stdout).not.toContain('/searched');
      writeFileSync(file(), stdout);
      expect(await run('plan --check')).toEqual({ code: 0, stdout: '✓ No changes.\n', stderr: '' });
    });

    it('shows drift field by field, exits 3 on it, and mends it', async () => {
      await run('enable GET:/payments');
      await run('rl set GET:/items/:id 8/minute');
      const drift = await run('plan --check');
      expect(drift.code).toBe(3);
      expect(drift.stdout).toBe(
        '~ route GET:/payments\n  ~ status: active → disabled\n  ~ reason:  → broken\n' +
          '~ rate limit GET:/items/:id\n  ~ limit: 8/minute → 7/minute\nPlan: 0 to add, 2 to change, 0 to remove.\n',
      );
      expect(await run('apply --check')).toEqual(drift);
      expect((await run('apply')).stderr).toBe('Error: this needs a yes: add --yes\n');
      expect((await run('apply --yes')).stdout).toMatch(/✓ Applied 2 changes\.\n$/);
      expect((await run('plan --check')).code).toBe(0);
    });

    it('removes what the file does not name only when told to, and nothing the code declares', async () => {
      writeFileSync(file(), 'routes: {}\nrate_limits: {}\n');
      expect((await run('plan')).stdout).toBe('✓ No changes.\n');
      const { stdout } = await run('apply --prune --yes');
      expect(stdout).toContain('- override of route GET:/payments\n');
      expect(stdout).toContain('- rate limit GET:/items/:id\n');
      expect(stdout).not.toContain('rebuilt');
      expect(stdout).not.toContain('searched');
      expect((await run('plan --prune --check')).code).toBe(0);
    });

    it('gives the reason with the end of a maintenance, too', async () => {
      await run('global enable -r moving');
      writeFileSync(file(), 'maintenance:\n  global: { enabled: false }\n');
      expect((await run('apply --yes -r moved')).code).toBe(0);
      expect((await run('log --per-page 1')).stdout).toMatch(/global_maintenance_off .* moved\n/);
    });

    it('refuses to touch what the code declares, unless told', async () => {
      writeFileSync(file(), 'routes:\n  GET:/rebuilt: { status: active }\n  GET:/payments: { status: disabled }\n');
      const refused = await run('apply --yes');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toBe(
        'Error: The code declares something else for these; nothing was changed. --override-code changes them all the same.\n  route GET:/rebuilt\n',
      );
      expect((await run('status GET:/payments')).stdout).toContain('ACTIVE');
      expect((await run('apply --yes --override-code')).code).toBe(0);
      expect((await run('status GET:/rebuilt')).stdout).toContain('ACTIVE');
      await run('clear GET:/rebuilt');
      await run('clear GET:/payments');
    });

    it.each([
      [
        'routes: { GET:/x: { state: disabled } }',
        "Error: routes.GET:/x has no field 'state'; it may have status, reason, envs\n",
      ],
      [
        'routes: { GET:/x: { status: off } }',
        'Error: routes.GET:/x.status must be one of active, maintenance, disabled, env_gated\n',
      ],
      ['routes: { GET:/x: { status: env_gated } }', 'Error: routes.GET:/x.envs must list environments\n'],
      ['rate_limits: { GET:/x: { algorithm: fixed_window } }', 'Error: rate_limits.GET:/x.limit must be given, as text\n'],
      ['rotues: {}', /^Error: waygate\.yaml has no field 'rotues'; it may have /],
      ['routes: [', /^Error: waygate\.yaml cannot be read: .* at line 1/],
      ['waygate: 2', 'Error: waygate: the version of the file must be 1\n'],
    ])('names what is wrong with %s', async (text, message) => {
      writeFileSync(file(), text);
      const { code, stderr } = await run('plan');
      expect(code).toBe(1);
      expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    });
  });

  describe('followed with --watch', () => {
    it('tells of changes of routes as JSON lines', async () => {
      const watching = cli.start(['status', '--watch', '--json']);
      await watching.shows('"path":"GET:/vital"');
      await run('disable GET:/payments -r watched');
      await watching.shows('"reason":"watched"');
      await run('clear GET:/payments');
      expect(await watching.interrupt()).toBe(0);
    });

    it('tells of audit entries and of refused requests', async () => {
      const log = cli.start(['log', '--watch']);
      const hits = cli.start(['rl', 'hits', '--watch']);
      await run('maintenance GET:/payments -r seen');
      await log.shows('seen');
      await run('rl set GET:/vital 1/hour');
      await run('enable GET:/payments');
      await run('rl set GET:/payments 1/hour');
      await server.request('/payments');
      await server.request('/payments');
      await hits.shows('GET /payments');
      expect(await log.interrupt()).toBe(0);
      expect(await hits.interrupt()).toBe(0);
      await run('rl delete GET:/payments');
      await run('rl delete GET:/vital');
    });
  });

  describe('knows who and where', () => {
    beforeEach(() => mkdirSync(join(cli.home, 'project', 'deep'), { recursive: true }));

    it('keeps the token where only its owner can read it', () => {
      expect(statSync(cli.configPath).mode & 0o777).toBe(0o600);
      expect(JSON.parse(readFileSync(cli.configPath, 'utf8'))).toMatchObject({
        auth: {
          username: 'admin',
          token: expect.any(String),
          expires_at: expect.any(String),
          server_url: `${server.url}/waygate`,
        },
      });
    });

    it('takes the address from the variable, then .waygate, then the configuration, then the default', async () => {
      const cwd = join(cli.home, 'project', 'deep');
      const source = async (env: Record<string, string>, ...more: string[]) => {
        const { stdout } = await cli.run(['config', 'show', '--json', ...more], { env, cwd });
        return (JSON.parse(stdout) as { server_url: string }).server_url;
      };
      const none = { WAYGATE_SERVER_URL: '' };
      expect(await source(none)).toBe('http://localhost:8000/waygate');
      expect((await run('config set-url http://configured.example/w/')).stdout).toContain(
        '✓ Server URL set to http://configured.example/w\n',
      );
      expect(await source(none)).toBe('http://configured.example/w');
      writeFileSync(
        join(cli.home, 'project', '.waygate'),
        '# ours\nWAYGATE_SERVER_URL="http://project.example/w"\nWAYGATE_SERVICE=payments\n',
      );
      expect(await source(none)).toBe('http://project.example/w');
      expect(await source({ WAYGATE_SERVER_URL: 'http://variable.example/w' })).toBe('http://variable.example/w');
      expect(await source({}, '--url', 'http://option.example/w')).toBe('http://option.example/w');
      expect((await cli.run(['current-service'], { cwd })).stdout).toBe('Active service: payments\n');
      expect((await run('current-service')).stdout).toBe('No active service set.\n');
    });

    it('shows a token to no other server than the one that gave it', async () => {
      const other = await startAdmin('express', { controllers: [ShopController] });
      const { code, stderr } = await run(`status --url ${other.url}/waygate`);
      expect(code).toBe(1);
      expect(stderr).toContain('Authentication required.');
      await other.app.close();
    });

    it('ends no session by signing out but its own', async () => {
      const { 'x-waygate-token': WAYGATE_TOKEN = '' } = await server.signIn();
      const { stdout } = await cli.run(['logout'], { env: { WAYGATE_TOKEN } });
      expect(stdout).toBe('✓ Logged out.\n  WAYGATE_TOKEN is set: commands go on with it\n');
      expect((await cli.run(['status'], { env: { WAYGATE_TOKEN } })).code).toBe(0);
      await run(`login ${ADMIN.username} --password-stdin`, ADMIN.password);
    });

    it('signs out, also twice', async () => {
      expect((await run('logout')).stdout).toBe('✓ Logged out.\n');
      expect((await run('status')).stderr).toBe('Error: Authentication required.\nRun: waygate login <username>\n');
      expect(await run('logout')).toEqual({ code: 0, stdout: '✓ Logged out.\n', stderr: '' });
      expect((await run(`login ${ADMIN.username} --password-stdin`, ADMIN.password)).stdout).toMatch(
        /^✓ Logged in as admin\nToken expires: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$/,
      );
    });
  });
});
