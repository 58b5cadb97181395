// Bundles the program into one file. What a command does not need is in the file but not run: neither its modules nor Node's.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const libs = join(here, '..', '..', 'libs');
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

/**
 * Modules of Node are taken when the module that imports them runs, not when the program starts: a static import would stand at the top of
 * the file and load them all.
 */
const lateBuiltins = {
  name: 'late-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:|(events|child_process|path|fs|process|buffer|util)$)/ }, ({ path }) => ({
      path: path.startsWith('node:') ? path : `node:${path}`,
      namespace: 'builtin',
    }));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      // commander starts no other programs here, but takes the module that could.
      contents: path === 'node:child_process' ? LATE_CHILD_PROCESS : `module.exports = process.getBuiltinModule('${path}')`,
    }));
  },
};

const LATE_CHILD_PROCESS = `exports.spawn = (...args) => process.getBuiltinModule('node:child_process').spawn(...args)`;

await build({
  entryPoints: [join(here, 'src', 'main.ts')],
  outfile: join(here, 'dist', 'waygate.mjs'),
  bundle: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  banner: { js: '#!/usr/bin/env node' },
  define: { __WAYGATE_VERSION__: JSON.stringify(version) },
  alias: {
    '@waygate/client': join(libs, 'client', 'src', 'index.ts'),
    '@waygate/core': join(libs, 'core', 'src', 'index.ts'),
  },
  plugins: [lateBuiltins],
  legalComments: 'none',
  logLevel: 'warning',
  metafile: process.argv.includes('--analyse'),
}).then(async ({ metafile }) => {
  if (metafile === undefined) return;
  const { analyzeMetafile } = await import('esbuild');
  console.log(await analyzeMetafile(metafile));
});
