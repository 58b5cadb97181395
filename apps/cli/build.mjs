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

/**
 * `yaml` stands in the file as text and becomes code when it is asked for: Node parses all code of a file before it runs any, and two fifths
 * of the code would be for three commands.
 */
const lateYaml = {
  name: 'late-yaml',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^yaml$/ }, async ({ path, resolveDir, kind, pluginData }) => {
      if (pluginData === 'real') return undefined;
      const found = await resolve(path, { resolveDir, kind, pluginData: 'real' });
      return { path: found.path, namespace: 'late' };
    });
    onLoad({ filter: /.*/, namespace: 'late' }, async ({ path }) => {
      const { outputFiles } = await build({ ...common, entryPoints: [path], format: 'cjs', write: false });
      const code = JSON.stringify(outputFiles[0].text);
      return { contents: `new Function('module', 'exports', ${code})(module, exports)` };
    });
  },
};

const common = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20.19',
  define: { WAYGATE_VERSION: JSON.stringify(version) },
  alias: {
    '@waygate/client': join(libs, 'client', 'src', 'index.ts'),
    '@waygate/core': join(libs, 'core', 'src', 'index.ts'),
  },
  plugins: [lateBuiltins, lateYaml],
  legalComments: 'none',
  logLevel: 'warning',
};

const outfile = process.argv.find((argument) => argument.startsWith('--outfile='))?.slice('--outfile='.length);
await build({
  ...common,
  entryPoints: [join(here, 'src', 'main.ts')],
  outfile: outfile ?? join(here, 'dist', 'waygate.mjs'),
  format: 'esm',
  banner: { js: '#!/usr/bin/env node' },
  // Tools that look for the syntax of modules find nothing else of it in here.
  footer: { js: 'export {};' },
});
