import { describe, expect, it } from 'vitest';
import { MemoryBackend } from '../backend/memory-backend.js';
import { WaygateEngine } from '../engine.js';

const START = Date.UTC(2027, 0, 1);

async function start(backend = new MemoryBackend()) {
  let now = START;
  const engine = new WaygateEngine({ backend, clock: () => now });
  await engine.open();
  return { engine, access: engine.access, backend, pass: (ms: number) => void (now += ms) };
}

/** All behind the id, where there may be more of what stands between the parts. */
const secretOf = (token: string) => token.split('_').slice(2).join('_');

describe('API tokens', () => {
  it('are known again by what was given out once, and by nothing else', async () => {
    const { access } = await start();
    const { token, view } = await access.createToken({ name: 'ci', role: 'operator' }, { actor: 'alice' });
    expect(access.verifyToken(token)).toMatchObject({
      id: view.id,
      name: 'ci',
      role: 'operator',
      createdBy: 'alice',
      services: null,
    });
    const [prefix, id] = token.split('_');
    const secret = secretOf(token);
    const wrong = [
      `${prefix}_${id}_${'A'.repeat(43)}`,
      `${prefix}_${'0'.repeat(16)}_${secret}`,
      token.slice(0, -1),
      `${token}x`,
      '',
    ];
    expect(wrong.map((text) => access.verifyToken(text))).toEqual(wrong.map(() => null));
  });

  it('leave nothing of the secret in the store, the list or the audit log', async () => {
    const { access, backend, engine } = await start();
    const { token } = await access.createToken({ name: 'ci', role: 'viewer' });
    const everything = JSON.stringify([await backend.load(), access.listTokens(), await engine.audit.list()]);
    expect(everything).not.toContain(secretOf(token));
    expect(JSON.stringify([access.listTokens(), await engine.audit.list()])).not.toMatch(/[0-9a-f]{64}/);
  });

  it('end when they expire, and when they are revoked', async () => {
    const { access, pass } = await start();
    const short = await access.createToken({ name: 'short', role: 'viewer', expiresAt: START + 1_000 });
    const long = await access.createToken({ name: 'long', role: 'viewer' });
    pass(1_000);
    expect(access.verifyToken(short.token)).toBeNull();
    expect([await access.revokeToken(long.view.id), await access.revokeToken(long.view.id)]).toEqual([true, false]);
    expect(access.verifyToken(long.token)).toBeNull();
  });

  it('note their last use at most once an hour', async () => {
    const { access, engine, pass } = await start();
    const { view } = await access.createToken({ name: 'ci', role: 'viewer' });
    await access.touchToken(view.id);
    const { revision } = engine;
    pass(3_599_000);
    await access.touchToken(view.id);
    expect(engine.revision).toBe(revision);
    pass(1_000);
    await access.touchToken(view.id);
    expect(access.listTokens()[0]?.lastUsedAt).toBe(new Date(START + 3_600_000).toISOString());
  });

  it.each([
    ['no name', { name: ' ', role: 'viewer' as const }, 'name'],
    ['an unknown role', { name: 'x', role: 'root' as never }, 'role'],
    ['an SDK token without a service', { name: 'x', role: 'sdk' as const }, 'services'],
    ['an SDK token for two services', { name: 'x', role: 'sdk' as const, services: ['a', 'b'] }, 'services'],
    ['an impossible service', { name: 'x', role: 'viewer' as const, services: ['a b'] }, 'services[0]'],
    ['an empty scope', { name: 'x', role: 'viewer' as const, services: [] }, 'services'],
    ['an expiry in the past', { name: 'x', role: 'viewer' as const, expiresAt: START }, 'expiresAt'],
  ])('are refused with %s, and nothing is stored', async (_what, input, field) => {
    const { access, engine } = await start();
    await expect(access.createToken(input)).rejects.toMatchObject({ code: 'INVALID_VALUE', field });
    expect(engine.revision).toBe(0);
  });
});

describe('ended sessions', () => {
  it('are known to every process on the same backend, and to those that start later', async () => {
    const { access, backend, engine } = await start();
    const other = await start(backend);
    await access.revokeSession('abc', 'alice', START + 60_000);
    await expect.poll(() => other.access.isRevoked('abc')).toBe(true);
    expect((await start(backend)).access.isRevoked('abc')).toBe(true);
    expect(access.isRevoked('abd')).toBe(false);
    expect(engine.health.status).toBe('ready');
  });

  it('are forgotten once the session would be over anyway', async () => {
    const { access, pass } = await start();
    await access.revokeSession('first', 'alice', START + 1_000);
    pass(2_000);
    await access.revokeSession('second', 'alice', START + 10_000);
    expect([access.isRevoked('first'), access.isRevoked('second')]).toEqual([false, true]);
  });
});
