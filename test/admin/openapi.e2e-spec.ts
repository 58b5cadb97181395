import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAdmin, type AdminApp } from '../support/admin-app.js';
import { Conformance, type OpenApi, type OpenApiOperation } from '../support/conformance.js';

// That answers are what the document says is held against every answer the other specs of the admin get: see `startAdmin`.

type Schema = Record<string, unknown>;

describe('the OpenAPI document', () => {
  let admin: AdminApp;
  let document: OpenApi;
  let operations: readonly (readonly [name: string, operation: OpenApiOperation])[];

  beforeAll(async () => {
    admin = await startAdmin('express');
    document = (await admin.call('GET', '/api/openapi.json', undefined, await admin.signIn())).json as OpenApi;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    );
  });
  afterAll(() => admin.app.close());

  it('is for those who are signed in, and the same for every admin', async () => {
    expect((await admin.call('GET', '/api/openapi.json')).status).toBe(401);
    expect(document).toEqual((await Conformance.load()).document);
    expect(document).toMatchObject({ servers: [{ url: '/waygate' }] });
  });

  it('is valid', async () => {
    expect(await new Validator().validate(document as unknown as Schema)).toMatchObject({ valid: true });
    const referred = [...JSON.stringify(document).matchAll(/#\/components\/(\w+\/\w+)/g)].map(([, name = '']) => name.split('/'));
    const { components } = document as unknown as { components: Record<string, Schema> };
    expect(referred.filter(([kind = '', name = '']) => components[kind]?.[name] === undefined)).toEqual([]);
    expect(referred.length).toBeGreaterThan(100);
  });

  it('names each operation once', () => {
    const names = operations.map(([, { operationId }]) => operationId);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.length).toBeGreaterThan(100);
  });

  it('says what every parameter and every field of a body is', () => {
    const silent = operations.flatMap(([name, { parameters, requestBody }]) => {
      const schema = requestBody?.content['application/json'].schema ?? {};
      const fields = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
      return [
        ...parameters.filter(({ description = '' }) => description === '').map((parameter) => `${name}: ${parameter.name}`),
        ...fields.filter(([, field]) => !('description' in field) && !('$ref' in field)).map(([field]) => `${name}: ${field}`),
        ...fields
          .filter(([, field]) => !('type' in field || 'enum' in field || '$ref' in field || 'anyOf' in field))
          .map(([field]) => `${name}: ${field} of what type?`),
      ];
    });
    expect(silent).toEqual([
      'POST /api/flags/explain: default of what type?',
      'POST /api/flags/{key}/evaluate: default of what type?',
      'POST /api/flags/{key}/explain: default of what type?',
    ]);
  });

  it('has a body for every write that reads one', () => {
    const without = operations.filter(([name, { requestBody }]) => /^(POST|PUT|PATCH)/.test(name) && requestBody === undefined);
    // Forms, and what is done by asking for it.
    expect(without.map(([name]) => name).toSorted()).toEqual([
      'POST /api/auth/logout',
      'POST /api/global-rate-limit/enable',
      'POST /api/services/{service}/rate-limit/enable',
      'POST /api/webhooks/deliveries/{id}/resend',
      'POST /api/webhooks/{webhook}/test',
      'POST /login',
      'POST /logout',
    ]);
  });

  it('tells fields that may be more from those that may not, and what If-Match is for', () => {
    const schemaOf = (name: string) => operations.find(([other]) => other === name)?.[1];
    expect(schemaOf('POST /api/tokens')?.requestBody?.content['application/json'].schema).toMatchObject({
      required: ['name', 'role'],
      additionalProperties: false,
      properties: { role: { enum: ['viewer', 'operator', 'admin', 'sdk', 'client'] } },
    });
    expect(schemaOf('POST /api/rate-limits')).toMatchObject({ 'x-waygate-role': 'operator', security: [{ token: [] }] });
    expect(schemaOf('POST /api/rate-limits')?.requestBody?.content['application/json'].schema).not.toHaveProperty(
      'additionalProperties',
    );
    const parameters = (name: string) => schemaOf(name)?.parameters.map((parameter) => parameter.name);
    expect(parameters('DELETE /api/flags/{key}')).toEqual(['key', 'If-Match']);
    expect(parameters('DELETE /api/tokens/{id}')).toEqual(['id']);
  });
});
