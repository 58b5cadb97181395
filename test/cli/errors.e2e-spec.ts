import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, createServer as createSocketServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { useCli } from '../support/cli-on-server.js';
import { CliUnderTest } from '../support/cli.js';
import { listening } from '../support/listening.js';
import { freePort } from '../support/free-port.js';

const execute = promisify(execFile);

const USERS = [
  { username: 'admin', password: 'correct horse' },
  { username: 'watcher', password: 'battery staple', role: 'viewer' },
] as const;

describe('What the CLI says when something is wrong', () => {
  let server: AdminApp;
  let cli: CliUnderTest;
  const closing: Server[] = [];

  useCli(
    () => startAdmin('express', { admin: { auth: USERS } }),
    (both) => ({ server, cli } = both),
  );
  afterAll(() => {
    for (const one of closing) one.close();
  });

  /** That of the sign-in: it is shown to no other address by itself. */
  const token = () => (JSON.parse(readFileSync(cli.configPath, 'utf8')) as { auth: { token: string } }).auth.token;

  /** A server that answers as no Waygate would. */
  async function odd(answer: RequestListener): Promise<string> {
    const one = createServer(answer);
    closing.push(one);
    return `http://127.0.0.1:${await listening(one)}`;
  }

  const json = (status: number, body: object, headers: Record<string, string> = {}): RequestListener => {
    return (_request, response) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

  describe('in the way it was called', () => {
    it.each([
      ['disable', "Error: missing required argument 'route'\n"],
      ['disable GET:/payments --nope', "Error: unknown option '--nope'\n"],
      ['servces', "Error: unknown command 'servces'\n(Did you mean services?)\n"],
      ['flags lst', "Error: unknown command 'lst'\n(Did you mean list?)\n"],
      ['flags crate new -n New', "Error: unknown command 'crate'\n(Did you mean create?)\n"],
      ['flags --nope', "Error: unknown option '--nope'\n"],
      ['schedule GET:/payments --start 1h', 'Error: --start and --end belong together; give both or neither\n'],
      ['schedule GET:/payments', 'Error: give --start and --end, or --every and --for\n'],
      ['global schedule --every @daily', 'Error: --every needs --for: how long it lasts each time\n'],
      ['schedule GET:/payments --start 1h --end 2h --for 3h', 'Error: --for and --time-zone go with --every\n'],
      ['maintenance GET:/payments --start 1h --end 2h --until 3h', /^Error: --until does not go with --start and --end/],
      ['enable GET:/payments --wait soon', "Error: option '--wait' takes a number of seconds above 0\n"],
      ['flags rollout f', 'Error: give one of --to, --pause, --resume and --abort\n'],
      ['flags rollout f --to 5% --abort', 'Error: give one of --to, --pause, --resume and --abort\n'],
      ['flags rollout f --pause --steps 3', 'Error: --steps goes with --to\n'],
      ['flags rollout f --to 5% --steps 3', 'Error: --steps goes with --over\n'],
      ['apply --check --wait', 'Error: --check makes no change that --wait could wait for\n'],
      ['flags types --check', 'Error: --check needs --output: the file to compare with\n'],
      ['webhooks edit ops', /^Error: nothing to change: give --to, /],
      ['explain GET payments', "Error: 'payments' is no path; it begins with a slash\n"],
      ['explain GET /payments --as somebody', /^Error: option '--as' takes user=…, /],
      ['diff one', "Error: 'one' is no number of a revision; see waygate history\n"],
      ['maintenance GET:/payments --start 1h', 'Error: --start and --end belong together; give both or neither\n'],
      ['rl set payments 1/minute', /^Error: 'payments' is no route\. /],
      ['rl reset GET:payments', /^Error: 'GET:payments' is no route\. /],
      ['rl delete FETCH:GET:x', /^Error: 'FETCH:GET:x' is no route\. /],
      ['status --page 0', "Error: option '--page' takes a whole number from 1 up, not '0'\n"],
      ['flags rollout f --to 120%', "Error: option '--to' takes a share such as 25% or 12.5%, not '120%'\n"],
      ['flags delete f', 'Error: this needs a yes: add --yes\n'],
      ['login', 'Error: missing user; it is asked for on a terminal only\n'],
      ['login admin', 'Error: missing --password; it is asked for on a terminal only\n'],
      ['completion tcsh', "Error: there is no completion for 'tcsh'; there is for bash, zsh, fish\n"],
      ['status --timeout never', "Error: option '--timeout' takes a number of seconds above 0\n"],
      ['status --ca /nowhere.pem', /^Error: --ca: \/nowhere\.pem cannot be read: ENOENT/],
    ])('%s: exits 2', async (line, message) => {
      const { code, stdout, stderr } = await cli.run(line.split(' '));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    });

    it.each([
      ['status --nope --json', "unknown option '--nope'"],
      ['servces --json', "unknown command 'servces' (Did you mean services?)"],
      ['flags lst --json', "unknown command 'lst' (Did you mean list?)"],
      ['disable --json', "missing required argument 'route'"],
      ['flags delete f --json', 'this needs a yes: add --yes'],
    ])('%s: says so as JSON', async (line, message) => {
      const { code, stdout, stderr } = await cli.run(line.split(' '));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(JSON.parse(stderr)).toEqual({ error: { code: 'USAGE', message } });
    });

    it.each([
      ['disable payments', /^Error: 'payments' is no route\. Give \/path or METHOD:\/path/],
      ['disable GET:/payments --until yesterday', /^Error: --until: 'yesterday' is no moment\. /],
      ['disable GET:/payments --until 2020-01-01', 'Error: --until: 2020-01-01 00:00 UTC is over already\n'],
      ['disable GET:/payments --until 2031-02-30', /^Error: --until: '2031-02-30' is no moment\. /],
      ['schedule GET:/payments --start 2h --end 1h', 'Error: --end must be after --start\n'],
      ['config set-url nowhere', /^Error: 'nowhere' is no address of a server/],
      ['plan -f missing.yaml', /^Error: missing\.yaml cannot be read: ENOENT/],
    ])('%s: exits 1', async (line, message) => {
      const { code, stdout, stderr } = await cli.run(line.split(' '));
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    });

    it('takes -V for the values of a segment rule, not for the version', async () => {
      const { code, stdout } = await cli.run(['seg', 'add-rule', 'beta', '-a', 'email', '-V', '@example.com']);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect((await cli.run(['-V'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    });

    it('shows the help, and exits 0, for no command, a group, --help and help', async () => {
      for (const line of ['', 'flags', '--help', 'help', 'disable --help', 'help disable', 'rl set -h']) {
        const { code, stdout, stderr } = await cli.run(line === '' ? [] : line.split(' '));
        expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
        expect(stdout).toMatch(/^Usage: waygate/);
      }
      expect((await cli.run(['disable', '--help'])).stdout).toContain('Examples:\n  # Until somebody enables it\n');
    });
  });

  it.each(['--help', 'help', 'flags', 'rl set --help', 'completion bash', 'status', 'status --json'])(
    'ends quietly when whoever reads %s has seen enough',
    async (line) => {
      const env = { ...process.env, HOME: cli.home, WAYGATE_SERVER_URL: `${server.url}/waygate` };
      const { stdout, stderr } = await execute(
        'bash',
        ['-c', `"$0" "$1" ${line} | true; echo "\${PIPESTATUS[0]}"`, process.execPath, cli.program],
        { env },
      );
      expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
    },
  );

  describe('at the server', () => {
    it('401: says how to sign in', async () => {
      const { code, stderr } = await cli.run(['status'], { env: { WAYGATE_TOKEN: 'bogus.00' } });
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'Error: Authentication required.\nRun: waygate login <username>\n' });
    });

    it('wrong password: says so and keeps nothing', async () => {
      const before = readFileSync(cli.configPath, 'utf8');
      const { code, stderr } = await cli.run(['login', 'admin', '-p', 'wrong']);
      expect({ code, stderr }).toEqual({ code: 1, stderr: 'Error: Invalid credentials\n' });
      expect(readFileSync(cli.configPath, 'utf8')).toBe(before);
    });

    it('501: says that this server asks nobody to sign in', async () => {
      const open = await startAdmin('express', { admin: { auth: 'none' } });
      const { code, stderr } = await cli.run(['login', 'a', '-p', 'b', '--url', `${open.url}/waygate`]);
      expect(code).toBe(1);
      expect(stderr).toBe(
        'Error: Auth not configured on this server\nThis server asks nobody to sign in; commands work without.\n',
      );
      await open.app.close();
    });

    it('403: says that the role does not reach', async () => {
      const headers = await server.signIn('watcher', USERS[1].password);
      const token = headers['x-waygate-token'] ?? '';
      const { code, stderr } = await cli.run(['disable', 'GET:/payments'], { env: { WAYGATE_TOKEN: token } });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Error: .+\nYour role or scope does not allow this\. /);
    });

    it('404: names the route, and what was probably meant', async () => {
      const { code, stderr } = await cli.run(['disable', 'GET:/paymets']);
      expect(code).toBe(1);
      expect(stderr).toBe(
        "Error: Route 'GET:/paymets' is not registered. Use 'waygate status' to see all registered routes.\nDid you mean GET:/payments?\n",
      );
      expect((await cli.run(['status', '/paymets'])).stderr).toContain('Did you mean /payments?\n');
      expect((await cli.run(['rl', 'set', 'GET:/paymets', '1/minute'])).stderr).toMatch(
        /^Error: Route 'GET:\/paymets' is not registered/,
      );
    });

    it.each(['/waygate/elsewhere', ''])('404 of an endpoint, at "%s": says that the server does not offer it', async (path) => {
      const args = ['explain', 'GET', '/payments', '--url', `${server.url}${path}`];
      const { code, stderr } = await cli.run(args, { env: { WAYGATE_TOKEN: token() } });
      expect(code).toBe(1);
      expect(stderr).toBe(
        'Error: This server does not offer that.\nIs it older than this waygate, or does the address lack the prefix it is mounted at? See: waygate doctor\n',
      );
    });

    it('doctor: says that the prefix is missing from the address', async () => {
      const { code, stdout } = await cli.run(['doctor', '--url', server.url]);
      expect(code).toBe(1);
      expect(stdout).toContain('✗ server: no Waygate is at this address; does it end with the prefix it is mounted at');
    });

    it('409, ambiguous: lists the matches and how to go on; nobody is asked in a pipe', async () => {
      await server.engine.routes.register([{ key: 'POST:/payments', declaration: {} }]);
      const { code, stdout, stderr } = await cli.run(['disable', '/payments'], { input: 'y\n' });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(
        /^Error: Route '\/payments' is ambiguous — matches: GET:\/payments, POST:\/payments\. .* Or add --yes /,
      );
      const inJson = await cli.run(['disable', '/payments', '--json']);
      expect(JSON.parse(inJson.stderr)).toMatchObject({
        error: { code: 'AMBIGUOUS', status: 409, matches: ['GET:/payments', 'POST:/payments'] },
      });
    });

    it('409, force-active: says who can change it', async () => {
      const { code, stderr } = await cli.run(['disable', 'GET:/vital']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Error: Route 'GET:\/vital' is decorated with @force_active .*\nA force-active route stays open /);
    });

    it('400: tells what the server tells', async () => {
      const { code, stderr } = await cli.run(['rl', 'set', 'GET:/payments', '10/min']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Error: Invalid rate limit string '10\/min'\. Use the format /);
    });

    it.each([
      [
        '412',
        json(412, { error: 'changed' }),
        'Error: changed\nSomebody changed it meanwhile. Nothing was changed; run the command again.\n',
      ],
      ['429', json(429, { error: 'slow down' }, { 'retry-after': '60' }), 'Error: slow down\nTry again in 60 s.\n'],
      ['500', json(500, { error: 'boom' }), 'Error: The server failed: boom\n'],
      [
        '503 with text',
        ((_request, response) => void response.writeHead(503).end('down')) as RequestListener,
        'Error: The server failed: HTTP 503\n',
      ],
    ])('%s: says what to do', async (_status, answer, message) => {
      const { code, stdout, stderr } = await cli.run(['disable', 'GET:/payments', '--url', await odd(answer)], {
        env: { WAYGATE_TOKEN: 't' },
      });
      expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: message });
    });

    it.each([
      ['a page', 200, { 'content-type': 'text/html' }, '<html>'],
      ['a redirect', 302, { 'content-type': 'text/html', location: 'https://elsewhere.example/' }, ''],
      ['cut JSON', 200, { 'content-type': 'application/json' }, '[{"path"'],
    ])('not a Waygate but %s: says so and follows nothing', async (_what, status, headers, body) => {
      const url = await odd((_request, response) => void response.writeHead(status, headers).end(body));
      const { code, stderr } = await cli.run(['status', '--url', url]);
      expect(code).toBe(1);
      expect(stderr).toContain(`Error: ${url}/api/routes answered ${status} with ${headers['content-type']} instead of JSON.`);
    });
  });

  describe('on the way', () => {
    it('nobody there: says so, for JSON too', async () => {
      const url = `http://127.0.0.1:${await freePort()}/waygate`;
      const { code, stderr } = await cli.run(['status', '--url', url]);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^Error: Cannot reach http:\/\/127\.0\.0\.1:\d+: nothing listens there \(connection refused\)\.\nIs the server running\?/,
      );
      const { stderr: inJson, stdout } = await cli.run(['status', '--json', '--url', url]);
      expect(stdout).toBe('');
      expect(JSON.parse(inJson)).toMatchObject({ error: { code: 'UNREACHABLE', message: expect.any(String) } });
    });

    it('a host name nobody knows', async () => {
      const { code, stderr } = await cli.run(['status', '--url', 'http://nowhere.invalid/waygate']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Error: Cannot reach http:\/\/nowhere\.invalid: /);
    });

    it('no answer in time: says that nothing is known', async () => {
      const silent = createSocketServer();
      const port = await listening(silent);
      const args = ['disable', 'GET:/payments', '--timeout', '0.2', '--url', `http://127.0.0.1:${port}`];
      const { code, stderr } = await cli.run(args, { env: { WAYGATE_TOKEN: 't' } });
      silent.close();
      expect(code).toBe(1);
      expect(stderr).toContain('did not answer within 0.2 s. Whether it did what it was asked is not known.');
    });

    it('a certificate nobody vouches for: refused, until its authority is given', async () => {
      const { certificate, key, file } = selfSigned(cli.home);
      const secure = createSecureServer({ cert: certificate, key }, json(200, []));
      const url = `https://localhost:${await listening(secure)}`;
      const refused = await cli.run(['status', '--url', url]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/^Error: The certificate or TLS of https:\/\/localhost:\d+ is not accepted: /);
      expect(await cli.run(['status', '--url', url, '--ca', file])).toEqual({
        code: 0,
        stdout: 'No routes registered.\n',
        stderr: '',
      });
      expect((await cli.run(['status', '--url', url], { env: { WAYGATE_CA: file } })).code).toBe(0);
      secure.close();
    });

    it('a proxy: goes through it, unless NO_PROXY says no, and tunnels TLS', async () => {
      const seen: string[] = [];
      const proxy = createServer((request, response) => {
        seen.push(`${request.method} ${request.url}`);
        json(200, [])(request, response);
      });
      proxy.on('connect', (request, socket) => {
        seen.push(`CONNECT ${request.url}`);
        const [, port = ''] = /:(\d+)$/.exec(request.url ?? '') ?? [];
        const upstream = connect(Number(port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          upstream.pipe(socket).pipe(upstream);
        });
        upstream.on('error', () => socket.destroy());
        socket.on('error', () => upstream.destroy());
      });
      closing.push(proxy);
      const address = `http://127.0.0.1:${await listening(proxy)}`;
      const plain = ['services', '--url', 'http://behind.invalid/waygate'];
      expect((await cli.run(plain, { env: { HTTP_PROXY: address } })).stdout).toBe('No services registered.\n');
      expect(seen).toEqual(['GET http://behind.invalid/waygate/api/services']);
      expect((await cli.run(plain, { env: { HTTP_PROXY: address, NO_PROXY: 'x, .invalid' } })).code).toBe(1);

      const { certificate, key, file } = selfSigned(cli.home);
      const secure = createSecureServer({ cert: certificate, key }, json(200, []));
      const port = await listening(secure);
      const tunnelled = ['status', '--ca', file, '--url', `https://localhost:${port}`];
      expect((await cli.run(tunnelled, { env: { https_proxy: address } })).stdout).toBe('No routes registered.\n');
      expect(seen.at(-1)).toBe(`CONNECT localhost:${port}`);
      secure.close();
    });
  });

  describe('here', () => {
    it('a configuration that is no JSON: names the file', async () => {
      const other = new CliUnderTest(() => `${server.url}/waygate`);
      mkdirSync(dirname(other.configPath));
      writeFileSync(other.configPath, '{ nope');
      const { code, stderr } = await other.run(['status']);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `Error: ${other.configPath} is not valid JSON. Mend it, or remove it and sign in again.\n`,
      });
      other.dispose();
    });

    it('a configuration that others can read: doctor says how to mend it', async () => {
      chmodSync(cli.configPath, 0o644);
      const { stdout, code } = await cli.run(['doctor']);
      expect(code).toBe(0);
      expect(stdout).toContain(`! configuration: ${cli.configPath} can be read by others; run: chmod 600 ${cli.configPath}\n`);
      chmodSync(cli.configPath, 0o600);
    });

    it('doctor: exits 1 when nobody is signed in or nobody answers', async () => {
      const out = await cli.run(['doctor'], { env: { WAYGATE_TOKEN: 'bogus.00' } });
      expect({ code: out.code, stdout: out.stdout }).toEqual({
        code: 1,
        stdout: expect.stringContaining('✗ sign-in: nobody is signed in'),
      });
      const away = await cli.run(['doctor', '--url', `http://127.0.0.1:${await freePort()}`]);
      expect({ code: away.code, stdout: away.stdout }).toEqual({
        code: 1,
        stdout: expect.stringContaining('✗ server: Cannot reach'),
      });
    });

    it('a token that has run out counts as none', async () => {
      const config = JSON.parse(readFileSync(cli.configPath, 'utf8')) as { auth: object };
      writeFileSync(
        cli.configPath,
        JSON.stringify({ ...config, auth: { ...config.auth, expires_at: '2020-01-01T00:00:00+00:00' } }),
      );
      expect((await cli.run(['status'])).stderr).toContain('Authentication required.');
      writeFileSync(cli.configPath, JSON.stringify(config));
    });

    it('a .waygate file of a checkout never receives a token of unknown origin', async () => {
      const seen: (string | undefined)[] = [];
      const trap = await odd((request, response) => {
        seen.push(request.headers['x-waygate-token'] as string | undefined);
        json(200, [])(request, response);
      });
      const project = join(cli.home, 'checkout');
      mkdirSync(project);
      writeFileSync(join(project, '.waygate'), `WAYGATE_SERVER_URL=${trap}\n`);
      const config = JSON.parse(readFileSync(cli.configPath, 'utf8')) as { auth: Record<string, unknown> };
      const { server_url: _origin, ...unbound } = config.auth;
      writeFileSync(cli.configPath, JSON.stringify({ auth: unbound }));
      expect((await cli.run(['services'], { cwd: project, env: { WAYGATE_SERVER_URL: '' } })).code).toBe(0);
      expect((await cli.run(['services'], { cwd: project, env: { WAYGATE_SERVER_URL: trap } })).code).toBe(0);
      expect(seen).toEqual([undefined, unbound['token']]);
      writeFileSync(cli.configPath, JSON.stringify(config));
    });
  });

  it('completes commands, options, and names from the server', async () => {
    const complete = async (...words: string[]) => (await cli.run(['__complete', '--', ...words])).stdout.trimEnd().split('\n');
    expect(await complete('stat')).toEqual(['status', 'stats', 'state']);
    expect(await complete('rl', 's')).toEqual(['set']);
    // The server is waited for as long as somebody does with a finger on the key, and no longer.
    await expect.poll(() => complete('disable', 'GET:/pay')).toEqual(['GET:/payments']);
    expect(await complete('disable', 'GET:/payments', '--re')).toEqual(['--reason']);
    expect(await complete('grl', 'set', '1/minute', '--mode', 'sh')).toEqual(['shadow']);
    expect((await complete('')).includes('__complete')).toBe(false);
    for (const shell of ['bash', 'zsh', 'fish']) {
      const script = (await cli.run(['completion', shell])).stdout;
      expect(script).toContain('waygate __complete --');
    }
  });

  it.each([
    ['waygate statu', 'status'],
    ['waygate rl re', 'reset'],
    ['waygate disable GET:/pay', '/payments'],
    ['waygate disable ', /GET:\/payments/],
    ['waygate enable /payments --reas', '--reason'],
  ])('completes "%s" in a real bash', async (line, wanted) => {
    const script = `waygate() { "$NODE" "$PROGRAM" "$@"; }; source <(waygate completion bash)
      COMP_LINE="$LINE"; COMP_POINT=\${#COMP_LINE}; _waygate; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = {
      ...process.env,
      HOME: cli.home,
      WAYGATE_SERVER_URL: `${server.url}/waygate`,
      NODE: process.execPath,
      PROGRAM: cli.program,
      LINE: line,
    };
    const completed = async () => (await execute('bash', ['-c', script], { env })).stdout.trimEnd();
    await expect.poll(completed).toEqual(typeof wanted === 'string' ? wanted : expect.stringMatching(wanted));
  });

  describe('with --wait', () => {
    const fleet = (instances: object | null): RequestListener => {
      return (request, response) => {
        const asked = request.url?.endsWith('/api/instances') === true;
        if (asked && instances === null) json(404, { error: 'Not found' })(request, response);
        else
          json(200, asked ? { revision: 7, instances } : { path: 'GET:/payments', status: 'active', reason: '' })(
            request,
            response,
          );
      };
    };

    it('exits 4 and names the instances that lag', async () => {
      const url = await odd(
        fleet([
          { id: 'quick', revision: 7 },
          { id: 'slow', revision: 5 },
        ]),
      );
      const { code, stdout, stderr } = await cli.run(['enable', 'GET:/payments', '--wait', '0.5', '--url', url]);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '✓ GET:/payments → ACTIVE\n' });
      expect(stderr).toBe('Error: 1 of 2 instances have not applied revision 7\n  slow is at revision 5\n');
    });

    it('says that the change is made where a server lists no instances', async () => {
      const { code, stdout, stderr } = await cli.run(['enable', 'GET:/payments', '--wait', '--url', await odd(fleet(null))]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '✓ GET:/payments → ACTIVE\n' });
      expect(stderr).toMatch(/^Error: The change is made, but this server does not list its instances/);
    });
  });
});

let certificateCount = 0;

function selfSigned(folder: string): { certificate: string; key: string; file: string } {
  certificateCount += 1;
  const file = join(folder, `certificate-${certificateCount}.pem`);
  const keyFile = join(folder, `key-${certificateCount}.pem`);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', keyFile, '-out', file, ...subject],
    {
      stdio: 'ignore',
    },
  );
  return { certificate: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8'), file };
}
