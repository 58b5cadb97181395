import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { WaygateAdminOptions } from '@waygate/admin';
import { ConfigurationError } from '@waygate/nestjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAdminOptions } from '../../libs/admin/src/config/admin-config.js';
import { ADMIN, startAdmin, type AdminApp } from '../support/admin-app.js';
import { launchChromium, patientPage } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';

/** What a browser does with cookies and redirects, as far as signing in needs it. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  /** The value of a cookie of a site. */
  cookie(url: string, name: string): string | undefined {
    return this.#jars.get(new URL(url).host)?.get(name);
  }

  setCookie(url: string, name: string, value: string): void {
    this.#jarOf(url).set(name, value);
  }

  async open(url: string, form?: Record<string, string>): Promise<Response> {
    const jar = this.#jarOf(url);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects as long as they lead somewhere. @returns the last URL, and its answer */
  async follow(url: string, until: (url: string) => boolean = () => false): Promise<{ url: string; response: Response }> {
    let current = url;
    for (let i = 0; i < 10; i++) {
      const response = await this.open(current);
      const location = response.headers.get('location');
      if (location === null) return { url: current, response };
      current = new URL(location, current).href;
      if (until(current)) return { url: current, response };
    }
    throw new Error('Too many redirects');
  }

  #jarOf(url: string): Map<string, string> {
    const { host } = new URL(url);
    let jar = this.#jars.get(host);
    if (jar === undefined) this.#jars.set(host, (jar = new Map()));
    return jar;
  }
}

describe('signing in at an identity provider', () => {
  let provider: ChildProcess;
  let admin: AdminApp;
  let callback: string;

  beforeAll(async () => {
    const port = await freePort();
    callback = `http://127.0.0.1:${port}/waygate/login/oidc/callback`;
    provider = spawn(process.execPath, ['test/support/oidc-provider.mjs', callback], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [said] = (await once(provider.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    admin = await startAdmin('express', {
      port,
      admin: {
        auth: ADMIN,
        oidc: {
          issuer: `http://127.0.0.1:${said.toString().trim()}`,
          clientId: 'waygate',
          clientSecret: 'a secret of the client',
          redirectUri: callback,
          scope: 'openid profile groups',
          roles: { alice: 'admin', bob: { role: 'operator', services: ['shop'] }, everyone: 'viewer' },
          allowInsecure: true,
        },
      },
    });
  });

  afterAll(async () => {
    await admin.app.close();
    provider.kill();
  });

  /** Goes to the provider, signs in there, and stops before it comes back. @returns where it would come back to */
  async function signInAt(browser: Browser, login: string): Promise<string> {
    const isBack = (url: string) => url.startsWith(callback);
    let { url } = await browser.follow(`${admin.url}/waygate/login/oidc`);
    const forms: Record<string, string>[] = [{ prompt: 'login', login, password: 'x' }, { prompt: 'consent' }];
    for (const form of forms) {
      const answer = await browser.open(url, form);
      ({ url } = await browser.follow(new URL(answer.headers.get('location') ?? '', url).href, isBack));
      if (isBack(url)) return url;
    }
    throw new Error(`Not led back: ${url}`);
  }

  const meOf = async (browser: Browser) => {
    const cookie = `waygate_session=${browser.cookie(admin.url, 'waygate_session') ?? ''}`;
    const answer = await admin.call('GET', '/api/auth/me', undefined, { cookie });
    return { status: answer.status, json: answer.json };
  };

  it('gives the session a password gives, with what the groups may do', async () => {
    const browser = new Browser();
    const back = await signInAt(browser, 'alice');
    const answer = await browser.open(back);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('url=/waygate/"')]);
    expect(answer.headers.getSetCookie().join('\n')).toMatch(
      /waygate_session=[^;]+; Path=\/waygate; .*HttpOnly; SameSite=Strict/,
    );
    expect(await meOf(browser)).toMatchObject({
      status: 200,
      json: { username: 'alice@example.com', role: 'admin', services: null, platform: 'dashboard' },
    });
    const confined = new Browser();
    await confined.open(await signInAt(confined, 'bob'));
    expect((await meOf(confined)).json).toMatchObject({ role: 'operator', services: ['shop'] });
  });

  it('is offered on the sign-in page, and leads a browser to the dashboard', async () => {
    const chromium = await launchChromium();
    try {
      const page = await patientPage(chromium);
      await page.goto(`${admin.url}/waygate/login`);
      expect(await page.locator('[name=password]').count()).toBe(1);
      await page.click('text=Sign in with your organisation');
      await page.fill('[name=login]', 'alice');
      await page.fill('[name=password]', 'x');
      await page.click('[type=submit]');
      // The provider's next page, not the one it was asked from.
      await page.waitForSelector('[name=prompt][value=consent]', { state: 'attached' });
      await page.click('[type=submit]');
      await page.waitForURL(`${admin.url}/waygate/`);
      await page.waitForSelector('text=alice@example.com');
    } finally {
      await chromium.close();
    }
  });

  it('says on the sign-in page why it failed, and nothing that a link made up', async () => {
    const shown = async (error: string) =>
      (await admin.call('GET', `/login?${new URLSearchParams({ error }).toString()}`)).text.includes(error);
    expect(await shown('You are in no group that may sign in here')).toBe(true);
    expect(await shown('Call this number to get your access back')).toBe(false);
  });

  it('ends like every session', async () => {
    const browser = new Browser();
    await browser.open(await signInAt(browser, 'alice'));
    const cookie = `waygate_session=${browser.cookie(admin.url, 'waygate_session') ?? ''}`;
    expect((await admin.call('POST', '/logout', undefined, { cookie, origin: admin.url })).status).toBe(302);
    expect((await admin.call('GET', '/api/auth/me', undefined, { cookie })).status).toBe(401);
  });

  it('refuses who is in no group', async () => {
    const browser = new Browser();
    const answer = await browser.open(await signInAt(browser, 'mallory'));
    expect(answer.headers.get('location')).toBe('/waygate/login?error=You+are+in+no+group+that+may+sign+in+here');
    expect((await meOf(browser)).status).toBe(401);
  });

  it.each([
    ['another browser comes back', async (_browser: Browser, back: string) => ({ browser: new Browser(), back })],
    [
      'the state is another',
      async (browser: Browser, back: string) => ({ browser, back: back.replace(/state=[^&]+/, 'state=x') }),
    ],
    ['the code is another', async (browser: Browser, back: string) => ({ browser, back: back.replace(/code=[^&]+/, 'code=x') })],
    [
      'the issuer is another',
      async (browser: Browser, back: string) => ({ browser, back: back.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example') }),
    ],
    [
      'the code was used before',
      async (browser: Browser, back: string) => {
        const pending = browser.cookie(admin.url, 'waygate_oidc') ?? '';
        await browser.open(back);
        const again = new Browser();
        again.setCookie(admin.url, 'waygate_oidc', pending);
        return { browser: again, back };
      },
    ],
    [
      'the cookie was changed',
      async (browser: Browser, back: string) => {
        const [payload = '', mac = ''] = (browser.cookie(admin.url, 'waygate_oidc') ?? '').split('.');
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
        const changed = Buffer.from(JSON.stringify({ ...claims, exp: 9e15 })).toString('base64url');
        browser.setCookie(admin.url, 'waygate_oidc', `${changed}.${mac}`);
        return { browser, back };
      },
    ],
  ])('fails where %s', async (_what, attack) => {
    const honest = new Browser();
    const { browser, back } = await attack(honest, await signInAt(honest, 'alice'));
    const answer = await browser.open(back);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, expect.stringMatching(/^\/waygate\/login\?error=/)]);
    expect((await meOf(browser)).status).toBe(401);
  });

  it('is no way to become a user with a password, or the other way round', async () => {
    const browser = new Browser();
    await browser.open(await signInAt(browser, 'alice'));
    const [payload = '', mac = ''] = (browser.cookie(admin.url, 'waygate_session') ?? '').split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    for (const change of [{ org: undefined }, { sub: 'admin' }, { org: 'password' }]) {
      const forged = `${Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')}.${mac}`;
      expect((await admin.call('GET', '/api/auth/me', undefined, { 'x-waygate-token': forged })).status).toBe(401);
    }
    const without = await startAdmin('express');
    const token = { 'x-waygate-token': `${payload}.${mac}` };
    expect((await admin.call('GET', '/api/auth/me', undefined, token)).status).toBe(200);
    expect((await without.call('GET', '/api/auth/me', undefined, token)).status).toBe(401);
    expect((await without.call('GET', '/login/oidc')).status).toBe(404);
    await without.app.close();
  });

  it('tells when the provider is away, and goes on with passwords', async () => {
    const away = await startAdmin('fastify', {
      admin: {
        oidc: {
          issuer: `http://127.0.0.1:${await freePort()}`,
          clientId: 'waygate',
          redirectUri: callback,
          roles: { alice: 'admin' },
          allowInsecure: true,
        },
      },
    });
    expect((await away.call('GET', '/login/oidc')).headers.get('location')).toContain('cannot+be+reached');
    expect((await away.signIn())['x-waygate-token']).toBeDefined();
    await away.app.close();
  });

  const RIGHT = {
    issuer: 'https://id.example.com',
    clientId: 'waygate',
    redirectUri: 'https://api.example.com/waygate/login/oidc/callback',
    roles: { staff: 'viewer' },
  } as const;

  it.each([
    ['without groups', { roles: {} }, 'oidc.roles'],
    ['with an unknown role', { roles: { staff: 'root' } }, 'oidc.roles.staff.role'],
    ['by http', { issuer: 'http://id.example.com' }, 'oidc.issuer'],
    ['led back elsewhere', { redirectUri: 'https://api.example.com/callback' }, 'oidc.redirectUri'],
    ['with an empty secret', { clientSecret: '' }, 'oidc.clientSecret'],
  ])('is refused %s', (_what, change, message) => {
    const options = { oidc: { ...RIGHT, ...change } } as WaygateAdminOptions;
    expect(() => readAdminOptions(options)).toThrow(ConfigurationError);
    expect(() => readAdminOptions(options)).toThrow(message);
  });

  it('may be the only way in', async () => {
    const only = await startAdmin('express', { admin: { auth: undefined, oidc: RIGHT } as unknown as WaygateAdminOptions });
    const { text } = await only.call('GET', '/login');
    expect([text.includes('name="password"'), text.includes('href="/waygate/login/oidc"')]).toEqual([false, true]);
    await only.app.close();
    expect(readAdminOptions({ oidc: RIGHT }, 'production').authenticator).not.toBeNull();
    expect(() => readAdminOptions({ oidc: RIGHT, auth: 'none' })).toThrow('Leave one out');
  });
});
