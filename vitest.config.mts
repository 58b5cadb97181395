import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { PATIENCE } from './test/support/patience.mjs';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true }, jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: [
      { find: '@waygate/server', replacement: source('apps/server/src/index.ts') },
      { find: /^@waygate\/([a-z]+)\/([a-z-]+)$/, replacement: source('libs/$1/src/$2/index.ts') },
      { find: /^@waygate\/([a-z]+)$/, replacement: source('libs/$1/src/index.ts') },
    ],
  },
  test: {
    // Tests import the sources of the dashboard, and its pages load what this builds.
    globalSetup: ['libs/admin/browser/build.mjs'],
    coverage: { provider: 'v8', include: ['libs/*/src/**/*.ts'] },
    maxWorkers: 2,
    // Long enough for a machine that is busy with other things: a test that hangs is ended late, one that is right never for being slow.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // How long a state may take to come; it is looked for again and again.
    expect: { poll: PATIENCE },
    reporters: ['default', ['json', { outputFile: 'test/artifacts/vitest.json' }]],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['libs/*/src/**/*.spec.ts', 'apps/*/src/**/*.spec.ts', 'scripts/*.spec.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e-spec.ts'],
          setupFiles: ['reflect-metadata'],
        },
      },
    ],
  },
});
