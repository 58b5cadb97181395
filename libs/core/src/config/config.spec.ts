import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../model/errors.js';
import { resolveConfig } from './engine-config.js';
import { Environment, parseDotWaygate } from './environment.js';
import { redisBackendFrom } from './redis-backend-from.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waygate-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('.waygate', () => {
  it('is found upward, passing over a directory of that name', () => {
    const deep = join(folder, 'a', 'b');
    mkdirSync(join(deep, '.waygate'), { recursive: true });
    writeFileSync(join(folder, '.waygate'), 'WAYGATE_ENV=staging\n');
    expect(Environment.read(deep, {}).get('WAYGATE_ENV')).toBe('staging');
  });

  it('holds KEY=value lines', () => {
    const text = '# comment\r\nA=1\n B = two words \nC="quoted"\nD=\'single\'\nE="\nnothing\n=x\nF=a=b\nG=';
    expect(Object.fromEntries(parseDotWaygate(text))).toEqual({
      A: '1',
      B: 'two words',
      C: 'quoted',
      D: 'single',
      E: '"',
      F: 'a=b',
      G: '',
    });
  });
});

describe('resolveConfig', () => {
  const surroundingsOf = (variables: Record<string, string>, file = '') => {
    if (file !== '') writeFileSync(join(folder, '.waygate'), file);
    return Environment.read(folder, variables);
  };

  it('takes options before variables before the file before defaults', () => {
    const environment = (variables: Record<string, string>, file: string, option?: string) =>
      resolveConfig({ surroundings: surroundingsOf(variables, file), ...(option === undefined ? {} : { environment: option }) })
        .environment;
    expect(environment({ WAYGATE_ENV: 'b' }, 'WAYGATE_ENV=c', 'a')).toBe('a');
    expect(environment({ WAYGATE_ENV: 'b' }, 'WAYGATE_ENV=c')).toBe('b');
    expect(environment({ WAYGATE_ENV: '' }, 'WAYGATE_ENV=c')).toBe('c');
    expect(environment({}, 'X=1')).toBe('dev');
  });

  it('skips checks when a bypass variable is set to anything', () => {
    expect(resolveConfig({ surroundings: surroundingsOf({ WAYGATE_BYPASS_LIFECYCLE: '0' }) }).bypass).toEqual({
      lifecycle: true,
      rateLimits: false,
    });
    const bypass = resolveConfig({
      surroundings: surroundingsOf({ WAYGATE_BYPASS_RATE_LIMITS: '1' }),
      bypass: { rateLimits: false },
    }).bypass;
    expect(bypass).toEqual({ lifecycle: false, rateLimits: false });
  });

  it.each([
    [{ WAYGATE_BACKEND: 'mongo' }, {}, "environment variable WAYGATE_BACKEND is 'mongo'"],
    [{ WAYGATE_BACKEND: 'redis', WAYGATE_REDIS_URL: 'localhost:6379' }, {}, 'WAYGATE_REDIS_URL is no URL of a Redis'],
    [{}, { service: 'a b' }, "Option 'service': 'a b' is not a service name"],
    [{ WAYGATE_ENV: 'a b' }, {}, "'a b' is no usable name"],
    [{}, { defaultAlgorithm: 'x' as never }, "Option 'defaultAlgorithm' is 'x'"],
    [{}, { initTimeout: -1 }, "Option 'initTimeout'"],
    [{}, { addresses: { ipv6Prefix: 0 } }, "Option 'addresses.ipv6Prefix'"],
  ])('refuses %j %j clearly', (variables, options, message) => {
    const attempt = () => resolveConfig({ surroundings: surroundingsOf(variables), ...options });
    expect(attempt).toThrow(ConfigurationError);
    expect(attempt).toThrow(message);
  });
});

describe('WAYGATE_BACKEND=redis', () => {
  const surroundings = () => Environment.read(folder, { WAYGATE_BACKEND: 'redis', WAYGATE_REDIS_URL: 'redis://there:6380/2' });

  it('takes the backend of the package that the app has installed', () => {
    const home = join(folder, 'node_modules', '@waygate', 'redis');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'index.js'), 'exports.RedisBackend = class { constructor(url) { this.url = url; } };');
    expect(redisBackendFrom(surroundings(), folder)).toMatchObject({ url: 'redis://there:6380/2' });
    expect(redisBackendFrom(Environment.read(folder, { WAYGATE_BACKEND: 'redis' }), folder)).toMatchObject({
      url: 'redis://localhost:6379/0',
    });
  });

  it('keeps apps on one Redis apart by WAYGATE_NAMESPACE', () => {
    const home = join(folder, 'node_modules', '@waygate', 'redis');
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, 'index.js'),
      'exports.RedisBackend = class { constructor(url, options) { if (/ /.test(options.namespace)) throw new Error("no"); this.options = options; } };',
    );
    const named = (WAYGATE_NAMESPACE: string) =>
      redisBackendFrom(Environment.read(folder, { WAYGATE_BACKEND: 'redis', WAYGATE_NAMESPACE }), folder);
    expect(named('shop')).toMatchObject({ options: { namespace: 'shop' } });
    expect(() => named('a b')).toThrow('environment variable WAYGATE_NAMESPACE cannot be used: no.');
  });

  it('says what to install when it is missing', () => {
    expect(() => redisBackendFrom(surroundings(), folder)).toThrow(/npm install @waygate\/redis ioredis/);
  });
});
