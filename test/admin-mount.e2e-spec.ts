import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN, startAdmin, type AdminApp, type AdminAppOptions } from './support/admin-app.js';
import { PLATFORMS } from './support/nest-app.js';

let running: AdminApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

describe.each(PLATFORMS)('the admin in an app on %s', (platform) => {
  const start = async (options?: AdminAppOptions) => (running = await startAdmin(platform, options));

  it('answers below its path, and the app answers as before', async () => {
    const { call, request, signIn } = await start();
    const me = await call('GET', '/api/auth/me', undefined, await signIn());
    expect(me).toMatchObject({ status: 200, json: { username: 'admin', platform: 'cli' } });
    expect(await request('/payments')).toMatchObject({ status: 200, text: '{"ok":true}' });
    expect((await request('/waygateX/api/auth/me')).status).toBe(404);
    expect((await call('GET', '/api/routes', undefined, {})).status).toBe(401);
    expect(ADMIN.username).toBe('admin');
  });
});
