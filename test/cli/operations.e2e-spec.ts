import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { WaygateServerBackend } from '@waygate/client/backend';
import { MemoryBackend, WaygateEngine } from '@waygate/nestjs';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { reportRoutes, useCli } from '../support/cli-on-server.js';
import { CliUnderTest, expected, type Line } from '../support/cli.js';
import { ON_OFF } from '../support/flag.js';
import { listening } from '../support/listening.js';
import { LONG_PATIENCE } from '../support/patience.mjs';
import { Receiver } from '../support/receiver.js';

@Controller()
class ShopController {
  @Get('payments')
  payments(): object {
    return { ok: true };
  }

  @Get('items/:id')
  item(): object {
    return { ok: true };
  }
}

const UUID = '[0-9a-f-]{36}';

const FLAGS: readonly Line[] = [
  ['flags list', 'No flags found.\n'],
  ['flags create new-checkout --name "New checkout" -d "for all"', '✓ Flag new-checkout created.\n'],
  ['flags create theme -n Theme -t string', '✓ Flag theme created.\n'],
  ['flags create new-checkout -n Again', /^Error: .*'new-checkout' already exists/, 1],
  ['flags create "bad key" -n Bad', /^Error: Invalid flag definition: key: /, 1],
  [
    'flags list',
    /^Key +Type +State +Status +Gives +Name\n─.*\nnew-checkout +boolean +on +new +off +New checkout\ntheme +string +on /,
  ],
  ['flags list --type string', /\ntheme +string /],
  ['flags list --status disabled', 'No flags found.\n'],
  ['flags get new-checkout', /\nVariations +on=true, off=false\nOff variation +off\nFallthrough +off\n/],
  ['flags get new-chekout', "Error: Flag 'new-chekout' not found\nDid you mean new-checkout?\n", 1],
  ['flags variations new-checkout', /\non +true +- +-\noff +false +when off +-\n/],
  [
    'flags eval new-checkout',
    /\nvalue +false\nvariation +off\nreason +FALLTHROUGH\nrule_id +-\nprerequisite_key +-\nerror +-\n$/,
  ],
  ['flags edit new-checkout --fallthrough on --name Checkout', '✓ Flag new-checkout updated.\n'],
  ['flags edit new-checkout --fallthrough blue', /^Error: fallthrough 'blue' does not match any variation name\n$/, 1],
  ['flags add-rule new-checkout -v off -a country -o in --values DE,FR -d "not there"', '✓ Rule added to flag new-checkout.\n'],
  ['flags target new-checkout -v off -k user_1,user_2', '✓ Targets added to flag new-checkout.\n'],
  ['flags untarget new-checkout -v off -k user_2', '✓ Targets removed from flag new-checkout.\n'],
  ['flags untarget new-checkout -v off -k user_2', /^Error: Flag 'new-checkout' does not target user_2 with 'off'\n$/, 1],
  ['flags add-prereq new-checkout -f theme -v control', '✓ Prerequisite added to flag new-checkout.\n'],
  ['flags delete theme --yes', /^Error: .*new-checkout/, 1],
  [
    'flags targeting new-checkout',
    new RegExp(
      `^new-checkout on\n  Prerequisite: theme gives control\n  Target: user_1 → off\n  Rule 1 \\(${UUID}\\): country in \\["DE","FR"\\] → off\n    not there\n  Otherwise: on\n  Off: off\n$`,
    ),
  ],
  ['flags eval new-checkout -k user_1', /\nreason +TARGET_MATCH\n/],
  ['flags eval new-checkout -a country=DE --json', /"value":false,"variation":"off","reason":"RULE_MATCH"/],
  [
    'flags explain new-checkout --key u --attr country=SE',
    new RegExp(
      `^new-checkout → on = true \\(FALLTHROUGH\\)\n1\\. switch: on\n2\\. prerequisite: theme gives control, wanted control: holds\n3\\. targets: u is not listed\n4\\. rule: ${UUID} "not there": does not hold\n   country in \\["DE","FR"\\]: saw "SE", does not hold\n5\\. variation: on, by the fallthrough\n$`,
    ),
  ],
  ['flags remove-prereq new-checkout -f theme', '✓ Prerequisite removed from flag new-checkout.\n'],
  ['flags disable new-checkout --until 2h -r broken', /^✓ Flag new-checkout disabled\.\n {2}Until: \d{4}-/],
  ['flags explain new-checkout', /\n1\. switch: off, switched back \d{4}-.*\n2\. variation: off, by the off\n$/],
  ['upcoming', /flag:new-checkout +- +is switched back /],
  ['flags enable new-checkout', '✓ Flag new-checkout enabled.\n'],
  ['flags archive new-checkout', '✓ Flag new-checkout archived.\n'],
  ['flags list --status archived', /\nnew-checkout +boolean +archived +archived /],
  ['flags restore new-checkout', '✓ Flag new-checkout restored.\n'],
  ['flags stale --after 1ms', /\ntheme +\d{4}-.* UTC +nobody asks for it\n|\ntheme +\d{4}-.* UTC +everybody gets the same\n/],
  ['flags stale', 'No stale flags.\n'],
];

const ROLLOUTS: readonly Line[] = [
  ['flags create fresh -n Fresh', '✓ Flag fresh created.\n'],
  ['flags rollout fresh --to 25% -r "a quarter first"', '✓ fresh → 25%\n'],
  ['log --per-page 1', / flag:fresh .* a quarter first\n/],
  ['flags get fresh', /\nFallthrough +on 25%, off 75%\n/],
  [
    'flags rollout fresh --to 100% --over 2h --steps 3 -r launch',
    /^✓ fresh → 50%\n✓ fresh → 75% scheduled for .* UTC\n✓ fresh → 100% scheduled for .* UTC\n$/,
  ],
  ['flags get fresh', /\nRollout +on 50% .* UTC, 75% .* UTC, 100% .* UTC\n/],
  [
    'flags explain fresh -k u',
    /\n2\. rollout: progressive, by the fallthrough: bucket \d+ of fresh:user:u\n {3}on 50% \(0 to 50000\)/,
  ],
  ['upcoming', /flag:fresh +- +rollout grows /],
  [
    'flags rollout fresh --to 5%',
    /^Error: A rollout of 'fresh' is under way; end it first: waygate flags rollout fresh --abort\n$/,
    1,
  ],
  ['flags rollout fresh --pause', '✓ Rollout of fresh paused.\n'],
  ['flags get fresh', /\nRollout +on 50%, 75%, 100% \(paused .* UTC\)\n/],
  ['flags rollout fresh --resume', '✓ Rollout of fresh resumed.\n'],
  ['flags rollout fresh --abort', '✓ Rollout of fresh aborted: what was before holds again.\n'],
  ['flags rollout fresh --abort', /^Error: .*no progressive rollout is under way\n$/, 1],
  ['flags rollout fresh --to 0 --over 1h --steps 2', /^✓ fresh → 12\.5%\n✓ fresh → 0% scheduled for /],
  ['flags get fresh', /\nScheduled +update_rollout /],
  ['flags disable fresh', '✓ Flag fresh disabled.\n'],
  ['flags rollout fresh --to 50%', '✓ fresh → 50%\n  The flag is off; waygate flags enable fresh lets it begin.\n'],
  ['flags delete fresh --yes', '✓ Flag fresh deleted.\n'],
];

const SEGMENTS: readonly Line[] = [
  ['segments list', 'No segments found.\n'],
  ['segments create beta --name "Beta users"', '✓ Segment beta created.\n'],
  ['seg create beta -n Again', /^Error: .*'beta' already exists/, 1],
  ['seg include beta -k user_1,user_2', '✓ Segment beta updated.\n'],
  ['seg exclude beta -k user_2', '✓ Segment beta updated.\n'],
  ['seg add-rule beta -a email -o ends_with -V @example.com', '✓ Segment beta updated.\n'],
  ['seg add-rule beta -a email -o resembles -V x', /^Error: Invalid segment definition: /, 1],
  [
    'seg get beta',
    new RegExp(
      `^beta Beta users\n  Included: user_1\n  Excluded: user_2\n  Rule \\(${UUID}\\): email ends_with \\["@example.com"\\]\n$`,
    ),
  ],
  ['seg add-rule beta -a plan -V pro -d "Who pays"', '✓ Segment beta updated.\n'],
  ['seg get beta', /\n {2}Rule \([^)]+\): plan is \["pro"\]\n {4}Who pays\n$/],
  ['seg get bata', "Error: Segment 'bata' not found\nDid you mean beta?\n", 1],
  ['seg list', /\nbeta +1 +1 +2 +Beta users\n/],
  ['flags add-rule theme -v treatment --segment beta', '✓ Rule added to flag theme.\n'],
  ['flags eval theme -k user_1', /\nvariation +treatment\nreason +RULE_MATCH\n/],
  ['seg delete beta --yes', /^Error: .*theme/, 1],
  ['flags remove-rule theme -r nothing', "Error: There is no rule 'nothing'\n", 1],
];

/** Each line is a process. */
const MANY_LINES = { timeout: 120_000 };

describe('The CLI against a real server, beyond routes and limits', () => {
  let server: AdminApp;
  let cli: CliUnderTest;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await Receiver.start((response, { path }) => void response.writeHead(path === '/broken' ? 500 : 204).end());
  });
  afterAll(() => receiver.stop());
  useCli(
    async () => {
      const started = await startAdmin('express', {
        controllers: [ShopController],
        waygate: { webhooks: { allow: ['127.0.0.1'] } },
      });
      await reportRoutes(started, 'payments', ['GET:/health']);
      return started;
    },
    (both) => ({ server, cli } = both),
  );

  const jsonOf = async (line: string): Promise<unknown> => JSON.parse((await cli.line(`${line} --json`)).stdout);

  it('defines, changes, explains and retires flags', MANY_LINES, async () => {
    expect(await cli.play(FLAGS)).toEqual(expected(FLAGS));
  });

  it('rolls a flag out, at once and in steps that can be paused and aborted', MANY_LINES, async () => {
    expect(await cli.play(ROLLOUTS)).toEqual(expected(ROLLOUTS));
  });

  it('keeps segments', MANY_LINES, async () => {
    expect(await cli.play(SEGMENTS)).toEqual(expected(SEGMENTS));
    const { rules } = (await jsonOf('flags get theme')) as { rules: { id: string }[] };
    expect((await cli.line(`flags remove-rule theme -r ${rules[0]?.id.slice(0, 6)}`)).stdout).toBe(
      '✓ Rule removed from flag theme.\n',
    );
    expect((await cli.line('seg delete beta --yes')).stdout).toBe('✓ Segment beta deleted.\n');
  });

  it('tells of changes of flags as they happen, not of what was there before', async () => {
    await server.engine.flags.create({
      key: 'streamed',
      name: 'Streamed',
      ...ON_OFF,
      fallthrough: 'on',
    });
    const streaming = cli.start(['flags', 'stream', '--json']);
    const watching = cli.start(['flags', 'stream']);
    const headers = await server.signIn();
    const streams = async () =>
      ((await server.call('GET', '/api/health', undefined, headers)).json as { streams: number }).streams;
    await expect.poll(streams, LONG_PATIENCE).toBe(2);
    await server.engine.flags.disable('streamed');
    await server.engine.segments.create({ key: 'vip', name: 'VIP' });
    await watching.shows('segment vip created');
    await server.engine.segments.delete('vip');
    const lines = (await streaming.shows('segment_deleted')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { type: string; key: string }).key)).toEqual(['streamed', 'vip', 'vip']);
    expect(await watching.shows('segment vip deleted')).toMatch(
      /^\S+ flag streamed changed\n\S+ segment vip created\n\S+ segment vip deleted\n$/,
    );
    expect(await streaming.interrupt()).toBe(0);
    expect(await watching.interrupt()).toBe(0);
    await server.engine.flags.delete('streamed');
  });

  it('writes the types of flags, and exits 3 when the file is old', async () => {
    const file = join(cli.home, 'flags.d.ts');
    expect((await cli.line('flags types')).stdout).toContain("    'theme': 'control' | 'treatment';\n");
    expect((await cli.line(`flags types -o ${file} --check`)).code).toBe(3);
    expect((await cli.line(`flags types -o ${file}`)).stdout).toBe(`✓ ${file} written: 2 flags.\n`);
    expect(readFileSync(file, 'utf8')).toContain("declare module '@waygate/nestjs' {\n  interface FlagTypes {\n");
    expect((await cli.line(`flags types -o ${file} --check`)).stdout).toBe(`✓ ${file} is what the server says.\n`);
    expect(await jsonOf('flags types')).toEqual({
      module: '@waygate/nestjs',
      flags: { 'new-checkout': 'boolean', theme: "'control' | 'treatment'" },
    });
    await cli.line('flags archive theme');
    expect((await cli.line(`flags types -o ${file} --check`)).code).toBe(3);
    await cli.line('flags restore theme');
  });

  it('makes keys that do not exist, or are of another type, a compile error', MANY_LINES, async () => {
    const folder = join(process.cwd(), 'test', 'artifacts', 'flag-types');
    mkdirSync(folder, { recursive: true });
    const declarations = join(folder, 'flags.d.ts');
    const code = join(folder, 'use.ts');
    await cli.line(`flags types -o ${declarations}`);
    writeFileSync(
      code,
      `import { BooleanFlag, RequireFlag, StringFlag, type FlagClient, type FlagTypes, type WaygateEngine } from '@waygate/nestjs';
BooleanFlag('new-checkout', false);
BooleanFlag('new-chekout', false);
StringFlag('new-checkout', '');
RequireFlag('theme', { value: 'control' });
RequireFlag('gone');
export const ask = (flags: FlagClient, engine: WaygateEngine) => [flags.getStringValue('theme', 'x'), engine.sync.flags.boolean('theme', false)];
export const theme: FlagTypes['theme'] = 'dark';
`,
    );
    const program = ts.createProgram([code, declarations], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: ['node'],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      experimentalDecorators: true,
    });
    const lines = ts
      .getPreEmitDiagnostics(program)
      .map(({ file, start = 0 }) => (file === undefined ? -1 : file.getLineAndCharacterOfPosition(start).line + 1));
    rmSync(folder, { recursive: true });
    expect(lines).toEqual([3, 4, 6, 7, 8]);
  });

  it('adds, changes, tests and removes webhooks, and sends deliveries again', MANY_LINES, async () => {
    const lines: readonly Line[] = [
      ['webhooks list', 'No webhooks.\n'],
      [
        `webhooks add ${receiver.url} --name ops -e disable --description "the team"`,
        /^✓ Webhook ops added\.\n {2}Secret \(shown this once\): whsec_\S+\n$/,
      ],
      [`webhooks add ${receiver.url} --name ops -e disable`, '✓ Webhook ops was there already and is changed.\n'],
      ['webhooks add nowhere', /^Error: url: /, 1],
      ['webhooks list', /^Name +State +Format +Open +Dead +URL +Events\n─.*\nops +on +waygate +0 +0 +http:\S+\/hook +disable\n$/],
      ['webhooks edit ops --format slack -e disable -e "flag_*"', '✓ Webhook ops updated.\n'],
      ['webhooks edit ops --all-events --format waygate', '✓ Webhook ops updated.\n'],
      ['webhooks get ops', /\nEvents +all\nFormat +waygate\n[^]*\nDeclared +no\nSecrets +made \d{4}-/],
      ['webhooks get opps', /^Error: .*opps.*\nDid you mean ops\?\n$/, 1],
      ['webhooks test ops', '✓ Webhook ops answered 204.\n'],
      [
        'webhooks rotate-secret ops --overlap 1h',
        /^✓ Webhook ops has a new secret\.\n {2}Secret \(shown this once\): whsec_\S+\n {2}The old one signs too until \d{4}-/,
      ],
      ['webhooks disable ops -r noisy', '✓ Webhook ops disabled.\n'],
      ['webhooks get ops', /\nState +paused\nReason +noisy\n/],
      ['webhooks enable ops', '✓ Webhook ops enabled.\n'],
      ['webhooks deliveries ops', 'No deliveries.\n'],
      ['disable GET:/payments -r hooked', /^✗ /],
    ];
    expect(await cli.play(lines)).toEqual(expected(lines));
    await expect
      .poll(async () => (await cli.line('webhooks deliveries ops')).stdout, LONG_PATIENCE)
      .toMatch(/disable +GET:\/payments +delivered +1 +204\n/);
    const [{ id }] = (await jsonOf('webhooks deliveries --state delivered')) as [{ id: string }];
    expect((await cli.line(`webhooks resend ${id}`)).stdout).toBe(`✓ Delivery ${id} is sent again.\n`);
    await expect
      .poll(() => receiver.received.filter(({ headers }) => headers['webhook-id'] === id).length, LONG_PATIENCE)
      .toBe(2);
    const broken = receiver.url.replace('/hook', '/broken');
    const more: readonly Line[] = [
      [`webhooks add ${broken} --name broken --secret whsec_${Buffer.alloc(32).toString('base64')}`, '✓ Webhook broken added.\n'],
      ['webhooks delete broken --yes', '✓ Webhook broken deleted.\n'],
      ['webhooks resend nothing', /^Error: /, 1],
    ];
    expect(await cli.play(more.slice(0, 1))).toEqual(expected(more.slice(0, 1)));
    const refused = await cli.line('webhooks test broken');
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: Webhook broken did not take it: .*500/) as string,
    });
    expect(await cli.play(more.slice(1))).toEqual(expected(more.slice(1)));
    await cli.line('webhooks delete ops --yes');
    await cli.line('clear GET:/payments');
  });

  it('shows what revisions changed, and takes them back', MANY_LINES, async () => {
    await cli.line('disable GET:/payments -r one');
    const { revision } = (await jsonOf('status GET:/payments')) as { revision: number };
    const { stdout } = await cli.line(`diff ${revision}`);
    expect(stdout).toMatch(
      new RegExp(`^route GET:/payments\n  ${revision} disable by admin: one\n  [+~] override: .*"reason":"one"`),
    );
    expect(await jsonOf(`diff ${revision}`)).toMatchObject({ from: revision - 1, to: revision, complete: true });
    await cli.line('disable GET:/payments -r two');
    const refused = await cli.line(`revert ${revision}`);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      new RegExp(
        `^Error: Revision ${revision} cannot be taken back: .*\nSee what came since: waygate diff ${revision + 1}\\. With --force `,
      ),
    );
    const lines: readonly Line[] = [
      [
        `diff ${revision - 1} ${revision + 1}`,
        /^route GET:\/payments\n {2}\d+ disable by admin: one\n {2}\d+ disable by admin: two\n/,
      ],
      [`revert ${revision + 1} -r "wrong route"`, `✓ Revision ${revision + 1} reverted (revision ${revision + 2}).\n`],
      ['status GET:/payments', / DISABLED +one /],
      [`revert ${revision} --force`, `✓ Revision ${revision} reverted (revision ${revision + 3}).\n`],
      ['status GET:/payments', / ACTIVE /],
      ['history get:/payments --limit 1', new RegExp(`\n${revision + 3} +\\d{4}-.* GET:/payments +\\S+ +admin `)],
      [`diff ${revision} ${revision}`, `Error: Revision ${revision} is not later than ${revision}\n`, 1],
      ['revert 999999', /^Error: /, 1],
      ['diff 999999', /^Error: to: there is no revision 999999 yet; the last is \d+\n$/, 1],
    ];
    expect(await cli.play(lines)).toEqual(expected(lines));
  });

  it('explains what a request would meet', MANY_LINES, async () => {
    await cli.line('rl set GET:/items/:id 5/minute -k user --tier pro=50/minute');
    const lines: readonly Line[] = [
      [
        'explain get /items/7 --as user=alice --attr plan=pro',
        /^GET \/items\/7: allowed\n {2}Route: GET:\/items\/:id\n1\. global maintenance: passes \(is off\)\n[^]*\n4\. route limit: 50\/minute \(fixed_window, key=user\)\n {3}counts by alice, tier pro\n {3}0 of 50 used, resets in \d+ (s|min) \(in the process that answered\)\n$/,
      ],
      ['explain GET /nowhere', /^Error: No route answers GET \/nowhere\n/, 1],
      ['disable GET:/payments -r broken', /^✗ /],
      [
        'explain GET /payments',
        /^GET \/payments: would be refused: disabled, "broken"\n {2}Route: GET:\/payments\n[^]*\n3\. route: blocks disabled, "broken"\n/,
      ],
      ['global enable -r deploy --until 2031-05-06T07:08Z', /^Global/],
      [
        'explain GET /payments',
        /^GET \/payments: would be refused: maintenance, "deploy", until 2031-05-06 07:08 UTC\n[^]*\n1\. global maintenance: blocks maintenance, "deploy", until 2031-05-06 07:08 UTC\n/,
      ],
      ['explain GET /payments --json', /"outcome":"block"/],
      ['explain GET /payments --as ip=nowhere', /^Error: ip must be an address\n/, 1],
      ['global disable', /^Global/],
      ['clear GET:/payments', /^✓/],
      ['rl delete GET:/items/:id', /^✓/],
    ];
    expect(await cli.play(lines)).toEqual(expected(lines));
  });

  it('counts requests, blocks and latencies', async () => {
    await cli.line('disable GET:/payments');
    await server.request('/payments');
    await server.request('/items/1');
    await cli.line('clear GET:/payments');
    expect((await cli.line('stats')).stdout).toMatch(
      /^Route +Requests +4xx +5xx +Blocked +p50 +p95\n[^]*\nGET:\/payments +\d+ +0 +\d+ +[1-9]\d* +\S+ ms +\S+ ms\n/,
    );
    expect((await cli.line('stats GET:/items/:id --minutes 5')).stdout).toMatch(
      /\nGET:\/items\/:id +1 +0 +0 +0 +\S+ ms +\S+ ms\nThe last 5 min /,
    );
    expect(await jsonOf('stats')).toMatchObject({ minutes: 60, series: expect.any(Array) as object });
    expect((await cli.line('stats --minutes 61')).stderr).toMatch(/^Error: minutes must be a whole number from 1 to 60\n/);
  });

  it.each([
    'status',
    'status GET:/payments',
    'services',
    'current-service',
    'enable GET:/payments',
    'disable GET:/payments --until 1h',
    'maintenance GET:/payments',
    'schedule GET:/payments --start 1h --end 2h',
    'upcoming',
    'unschedule GET:/payments',
    'env set GET:/payments dev',
    'env clear GET:/payments',
    'clear GET:/payments',
    'global status',
    'global exempt-add /health',
    'global exempt-remove /health',
    'sm enable payments',
    'sm disable payments',
    'rl set GET:/payments 5/minute',
    'rl list',
    'rl hits',
    'rl reset GET:/payments',
    'rl delete GET:/payments',
    'grl set 5/minute',
    'grl get',
    'grl delete',
    'srl get payments',
    'flags list',
    'flags get theme',
    'flags variations theme',
    'flags targeting theme',
    'flags eval theme',
    'flags explain theme',
    'flags stale',
    'flags edit theme --name Theme',
    'segments create json -n JSON',
    'segments get json',
    'segments delete json --yes',
    'webhooks list',
    'webhooks deliveries',
    'tokens list',
    'log',
    'history',
    'diff 1',
    'export',
    'instances',
    'stats',
    'doctor',
    'open',
    'config show',
  ])('prints JSON for %s, and nothing else', async (line) => {
    const { code, stdout, stderr } = await cli.line(`${line} --json`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toBeTypeOf('object');
  });

  describe('with instances that follow the server', () => {
    let follower: WaygateEngine;
    const backend = () =>
      new WaygateServerBackend({ url: `${server.url}/waygate`, ...ADMIN, instanceId: 'replica-1', version: '1.2.3' });

    beforeAll(async () => {
      follower = new WaygateEngine({ backend: backend(), initTimeout: LONG_PATIENCE.timeout });
      await follower.open();
    });

    it('lists them, and waits for them to apply a change', MANY_LINES, async () => {
      const { code, stdout, stderr } = await cli.line('disable GET:/payments -r waited --wait 25');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(
        /^✗ GET:\/payments → DISABLED\n {2}Reason: waited\n✓ Applied by all 1 instances \(revision \d+\)\n$/,
      );
      expect(follower.sync.routes.get('GET:/payments')).toMatchObject({ override: { state: 'disabled' } });
      expect((await cli.line('instances')).stdout).toMatch(
        /^Instance +Service +Version +Revision +State +Last seen\n─.*\nreplica-1 +- +1\.2\.3 +\d+ +connected +\d{4}-/,
      );
      expect((await cli.line('doctor')).stdout).toMatch(
        /✓ state: revision \d+ is what the store holds\n✓ maintenance: neither everything nor a service is in maintenance\n✓ instances: 1, all at revision \d+\n$/,
      );
    });

    it('exits 4 for one that is gone, and doctor names it', async () => {
      await follower.close();
      await expect.poll(async () => (await cli.line('instances')).stdout, LONG_PATIENCE).toMatch(/ gone /);
      const lagging = await cli.line('clear GET:/payments --wait 0.3');
      expect(lagging).toMatchObject({ code: 4, stdout: '✓ GET:/payments → ACTIVE (as the code declares)\n' });
      expect(lagging.stderr).toMatch(
        /^Error: 1 of 1 instances have not applied revision \d+\n {2}replica-1 is at revision \d+, not connected \(last seen .*\)\n$/,
      );
      expect((await cli.line('doctor')).stdout).toMatch(/! instances: gone: replica-1 \(.*\)\n$/);
    });
  });

  it('says with --wait when nobody else follows the server', async () => {
    const alone = await startAdmin('express', { admin: { auth: 'none' } });
    const { stdout } = await cli.line(`disable GET:/payments --wait --url ${alone.url}/waygate`);
    expect(stdout).toMatch(/^✗ GET:\/payments → DISABLED\n✓ Applied \(revision \d+\); no other process follows this server\n$/);
    await alone.app.close();
  });

  it('tells when the two clocks differ', async () => {
    const late = createServer((request, response) => {
      const known = request.url?.endsWith('/api/auth/me') === true;
      const date = new Date(Date.now() - 120_000).toUTCString();
      response.writeHead(known ? 200 : 404, { date, 'content-type': 'application/json' });
      response.end(known ? '{"username":"admin","platform":"cli"}' : '{"error":"Not found"}');
    });
    const url = `http://127.0.0.1:${await listening(late)}`;
    expect(await cli.line(`doctor --url ${url}`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /! clock: this machine is 2 min ahead of the server\n[^]*✓ instances: this server does not tell\n/,
      ) as string,
    });
    late.close();
  });

  describe('with a declarative file', () => {
    const file = () => join(cli.home, 'waygate.yaml');

    it('brings everything from one server to another', MANY_LINES, async () => {
      const lines: readonly Line[] = [
        ['seg create staff -n Staff', /^✓/],
        ['seg include staff -k u1', /^✓/],
        ['flags add-rule new-checkout -v on --segment staff', /^✓/],
        ['rl set GET:/items/:id 7/minute', /^✓/],
        ['rl set GET:/items/:id 2/second --name burst', /^✓/],
        ['rl set GET:/payments 2/second --until 1h', /^✓/],
        ['grl set 1000/minute -e /health', /^✓/],
        ['disable GET:/payments --until 1h', /^✗/],
        ['global exempt-add /health', /^✓/],
        [`export -f ${file()}`, `✓ Written to ${file()}\n`],
        ['plan --check', '✓ No changes.\n'],
        ['plan --check --prune', /^- override of route GET:\/payments\n- rate limit GET:\/payments\n/, 0],
      ];
      const [last] = lines.slice(-1) as [Line];
      expect(await cli.play(lines.slice(0, -1))).toEqual(expected(lines.slice(0, -1)));
      const text = readFileSync(file(), 'utf8');
      expect(text).toContain('  GET:/items/:id#burst:\n    limit: 2/second\n');
      // What ends by itself is left out; told to prune, the plan would end it now.
      expect(text).not.toContain('GET:/payments');
      const pruned = await cli.line(last[0]);
      expect(pruned.code).toBe(3);
      expect(pruned.stdout).toMatch(last[1] as RegExp);

      const other = await startAdmin('express', {
        controllers: [ShopController],
        admin: { auth: 'none' },
        waygate: { backend: new MemoryBackend() },
      });
      await reportRoutes(other, 'payments', ['GET:/health']);
      const url = `--url ${other.url}/waygate`;
      const planned = await cli.line(`plan --check ${url}`);
      expect(planned.code).toBe(3);
      expect(planned.stdout).toMatch(/^\+ segment staff\n[^]*\+ flag new-checkout\n[^]*\+ rate limit GET:\/items\/:id#burst\n/);
      expect((await cli.line(`apply --yes ${url}`)).stdout).toMatch(/✓ Applied \d+ changes\.\n$/);
      expect(await cli.line(`plan --check ${url}`)).toEqual({ code: 0, stdout: '✓ No changes.\n', stderr: '' });
      expect((await cli.line(`flags eval new-checkout -k u1 --json ${url}`)).stdout).toContain('"reason":"RULE_MATCH"');
      await other.app.close();
    });

    it('removes one of several limits of a route and keeps the others', async () => {
      writeFileSync(file(), 'rate_limits:\n  GET:/items/:id: { limit: 7/minute }\n  GET:/payments: { limit: 2/second }\n');
      expect((await cli.line('apply --prune --yes')).stdout).toBe(
        '- rate limit GET:/items/:id#burst\nPlan: 0 to add, 0 to change, 1 to remove.\n✓ Applied 1 change.\n',
      );
      const limits = (await jsonOf('rl list')) as { path: string; limit: string }[];
      expect(limits.map(({ path, limit }) => `${path} ${limit}`).toSorted()).toEqual([
        '/items/:id 7/minute',
        '/payments 2/second',
      ]);
    });

    it('changes nothing when one entry is wrong, and names it', async () => {
      writeFileSync(file(), 'segments:\n  good: { name: Good }\nflags:\n  bad: { name: Bad, type: colour }\n');
      const { code, stderr } = await cli.line('apply --yes');
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Error: flag bad: type: .*\nNothing was changed\.\n$/);
      expect((await cli.line('seg get good')).code).not.toBe(0);
      expect(await cli.line('apply --check')).toMatchObject({ code: 1, stderr });
    });

    it('is one revision, which one revert takes back', async () => {
      writeFileSync(
        file(),
        'segments:\n  one: { name: One }\nroutes:\n  GET:/items/:id: { status: disabled, reason: file }\nmaintenance:\n  services:\n    payments: { enabled: true }\n',
      );
      const { revision } = server.engine;
      expect((await cli.line('apply --yes -r release')).stdout).toMatch(/✓ Applied 3 changes\.\n$/);
      expect(server.engine.revision).toBe(revision + 1);
      expect((await cli.line(`revert ${revision + 1}`)).code).toBe(0);
      expect(server.engine.sync.routes.get('GET:/items/:id').status).toBe('active');
      expect(server.engine.sync.maintenance.forService('payments').enabled).toBe(false);
      expect(server.engine.sync.segments.list().map(({ key }) => key)).not.toContain('one');
    });
  });
});
