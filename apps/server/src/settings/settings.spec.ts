import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '@waygate/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { helpText } from './help-text.js';
import { readCommandLine } from './read-command-line.js';
import type { Setting } from './setting.js';
import { SETTINGS, type Settings } from './settings.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waygate-settings-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const USER = ['--user', 'admin:secret'];

function settings(args: readonly string[], variables: Record<string, string> = {}, file?: string): Settings {
  if (file !== undefined) writeFileSync(join(folder, 'waygate-server.yaml'), file);
  const line = readCommandLine(args, variables, folder);
  if (line.kind !== 'run') throw new Error(`It is ${line.kind}`);
  return line.settings;
}

function problem(args: readonly string[], variables: Record<string, string> = {}, file?: string): string {
  try {
    settings(args, variables, file);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('Nothing was wrong with it');
}

describe('settings', () => {
  it('come from flags, then the environment, then the file, then defaults', () => {
    const file = 'port: 3\nhost: 10.0.0.3\nnamespace: from-file\n';
    const variables = { WAYGATE_PORT: '2', WAYGATE_HOST: '10.0.0.2' };
    const { port, host, namespace, drain } = settings([...USER, '--port', '1'], variables, file);
    expect([port, host, namespace, drain]).toEqual([1, '10.0.0.2', 'from-file', 500]);
  });

  it('take no empty variable for a value', () => {
    expect(settings(USER, { WAYGATE_PORT: '', WAYGATE_HOST: '  ' })).toMatchObject({ port: 9_000, host: '0.0.0.0' });
  });

  it.each([
    ['admin:secret', { username: 'admin', password: 'secret', role: 'admin' }],
    ['eve:p:w:viewer', { username: 'eve', password: 'p:w', role: 'viewer' }],
    ['op:operator:operator', { username: 'op', password: 'operator', role: 'operator' }],
    ['a:scrypt$ln=17,r=8,p=1$AAAA$BBBB', { username: 'a', password: 'scrypt$ln=17,r=8,p=1$AAAA$BBBB', role: 'admin' }],
  ])('read the user %s', (text, user) => {
    expect(settings(['--user', text]).user).toEqual([user]);
  });

  it('read several users from a variable, and from the file with their services', () => {
    expect(settings([], { WAYGATE_USERS: 'a:1\n b:2:viewer ' }).user).toHaveLength(2);
    const hash = 'scrypt$ln=17,r=8,p=1$AAAA$BBBB';
    const file = `user:\n  - { name: shop, password: '${hash}', role: operator, services: [shop] }\n  - ann:${hash}\n`;
    expect(settings([], {}, file).user).toEqual([
      { username: 'shop', password: hash, role: 'operator', services: ['shop'] },
      { username: 'ann', password: hash, role: 'admin' },
    ]);
  });

  it.each(['user: ann:secret', 'user: [{ name: ann, password: secret }]'])('take no plain password from the file: %s', (file) => {
    expect(() => settings([], {}, file)).toThrow(/'user' in .*: the password of 'ann' is in plain text; .*hash-password/);
    expect(() => settings([], {}, file)).not.toThrow(/secret/);
  });

  it.each([
    ['memory', { kind: 'memory' }],
    ['file:/var/lib/waygate/state.json', { kind: 'file', path: '/var/lib/waygate/state.json' }],
    ['redis://user:pw@host:6379/1', { kind: 'redis', url: 'redis://user:pw@host:6379/1' }],
    ['https://root.example/waygate', { kind: 'server', url: 'https://root.example/waygate' }],
  ])('read the backend %s', (text, backend) => {
    expect(settings([...USER, '--backend', text]).backend).toEqual(backend);
  });

  it.each([
    ['an unknown flag', [...USER, '--prot', '1'], {}, undefined, /Unknown option '--prot'/],
    ['a flag without its value', [...USER, '--port'], {}, undefined, /'-p, --port <value>' argument missing/],
    ['a stray word', [...USER, 'start'], {}, undefined, /start/],
    [
      'a port that is none',
      [...USER, '--port', '99999'],
      {},
      undefined,
      /^--port: must be a whole number from 0 to 65535, got '99999'/,
    ],
    ['a variable', USER, { WAYGATE_LOG_LEVEL: 'loud' }, undefined, /^environment variable WAYGATE_LOG_LEVEL: must be one of/],
    ['a line of the file', USER, {}, 'drain: soon', /^'drain' in .*waygate-server\.yaml: .*not a duration/],
    ['a key of the file', USER, {}, 'prot: 1', /has no use for 'prot'/],
    ['a file that is no YAML', USER, {}, 'a: [', /waygate-server\.yaml cannot be read/],
    ['a file that is not there', [...USER, '--config', 'nowhere.yaml'], {}, undefined, /nowhere\.yaml cannot be read/],
    ['a drain longer than the stop may take', [...USER, '--drain', '10s'], {}, undefined, /--drain: must be at most 3s/],
    ['nobody who could sign in', [], {}, undefined, /Nobody could sign in/],
    ['users where everybody is let in', [...USER, '--auth', 'none'], {}, undefined, /keep one of both/],
    [
      'a phrase as a key in a variable',
      USER,
      { WAYGATE_SECRET_KEY: 'correct horse battery staple' },
      undefined,
      /^environment variable WAYGATE_SECRET_KEY: .*at least 16 characters.*separated by white space/,
    ],
    ['a short key', [...USER, '--secret-key', 'short'], {}, undefined, /^--secret-key: must have at least 16 characters/],
    ['a certificate without its key', [...USER, '--tls-cert', 'x'], {}, undefined, /belong together/],
    ['an account without another server', [...USER, '--backend-token', 'x'], {}, undefined, /for a relay/],
    ['a namespace Redis could not keep apart', [...USER, '--namespace', '{x}'], {}, undefined, /^--namespace: .*got '\{x\}'/],
    [
      'no audit entries at all',
      [...USER, '--audit-capacity', '0'],
      {},
      undefined,
      /^--audit-capacity: must be a whole number from 1/,
    ],
    [
      'an audit log of a relay',
      [...USER, '--backend', 'http://x', '--audit-capacity', '5'],
      {},
      undefined,
      /audit log belongs to the server/,
    ],
    ['webhooks of a relay', [...USER, '--backend', 'http://x', '--webhook', 'https://y'], {}, undefined, /belong to the server/],
    [
      'an account in the address of the other server',
      [...USER, '--backend', 'http://a:b@x'],
      {},
      undefined,
      /^--backend: give the account/,
    ],
  ])('refuse %s, saying where it stands', (_what, args, variables, file, message) => {
    expect(problem(args, variables, file)).toMatch(message);
  });

  it('never repeat a backend that cannot be read: it may hold a password', () => {
    expect(problem([...USER, '--backend', 'postgres://user:topsecret@host'])).not.toContain('topsecret');
  });

  it.each(['http://user:topsecret@host', 'redis://user:topsecret@[::x', 'localhost:6379'])(
    'refuse a WAYGATE_REDIS_URL that is none, without repeating it: %s',
    (url) => {
      vi.stubEnv('WAYGATE_REDIS_URL', url);
      const told = problem(USER, { WAYGATE_BACKEND: 'redis' });
      expect(told).toBe(
        'environment variable WAYGATE_BACKEND: WAYGATE_REDIS_URL is no URL of a Redis: use redis://host:6379/0, or rediss:// for TLS.',
      );
    },
  );

  it('name the place in a file that is no YAML, and repeat nothing of it', () => {
    const told = problem([], {}, 'user: [ann:hash\nsecret-key: a-key-nobody-should-read\n');
    expect(told).toMatch(/waygate-server\.yaml cannot be read: .*at line 2, column 1\.$/);
    expect(told).not.toContain('a-key-nobody-should-read');
  });

  it('are all in the help, each with its variable', () => {
    const help = helpText();
    for (const { name, variable } of Object.values<Setting<unknown>>(SETTINGS)) {
      expect(help).toContain(`--${name}`);
      if (variable !== null) expect(help).toContain(variable);
    }
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });
});
