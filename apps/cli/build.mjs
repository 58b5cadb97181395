// Bundles the program into the file it starts from and one beside it. Node parses all code of a file before it runs any, so what the
// commands of every day do not need stands in the second, which is read when a command asks for it.
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const libs = join(here, '..', '..', 'libs');
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

/** What these commands do is in the first file. */
const EVERY_DAY = ['routes/status', 'routes/lifecycle'];

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

/** `yaml` stands in the second file as text and becomes code when it is asked for: it is more than all the rest, and for three commands. */
const lateYaml = {
  name: 'late-yaml',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^yaml$/ }, async ({ path, resolveDir, kind, pluginData }) => {
      if (pluginData === 'real') return undefined;
      const found = await resolve(path, { resolveDir, kind, pluginData: 'real' });
      return { path: found.path, namespace: 'late-yaml' };
    });
    onLoad({ filter: /.*/, namespace: 'late-yaml' }, async ({ path }) => {
      const { outputFiles } = await build({ ...common, plugins: [lateBuiltins], entryPoints: [path], write: false });
      const code = JSON.stringify(outputFiles[0].text);
      return { contents: `new Function('module', 'exports', ${code})(module, exports)` };
    });
  },
};

/** What the definitions of commands import when a command runs. @param load contents of such a module, given its id */
function lateCommands(load) {
  return {
    name: 'late-commands',
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /^\.\// }, async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (kind !== 'dynamic-import' || !importer.endsWith('commands.ts') || pluginData === 'real') return undefined;
        const found = await resolve(path, { importer, kind, resolveDir, pluginData: 'real' });
        return EVERY_DAY.includes(idOf(found.path)) ? undefined : { path: found.path, namespace: 'late-command' };
      });
      onLoad({ filter: /.*/, namespace: 'late-command' }, ({ path }) => ({ contents: load(path), resolveDir: here }));
    },
  };
}

/** The same file whatever was resolved first. */
const byText = (a, b) => (a < b ? -1 : 1);
const idOf = (path) => relative(join(here, 'src'), path).replace(/\.ts$/, '');

const common = {
  bundle: true,
  minify: true,
  platform: 'node',
  // As a module the program would start later, by as much as a tenth of what Node itself takes.
  format: 'cjs',
  target: 'node20.19',
  define: { WAYGATE_VERSION: JSON.stringify(version) },
  alias: {
    '@waygate/client': join(libs, 'client', 'src', 'index.ts'),
    '@waygate/core/native-errors': join(libs, 'core', 'src', 'native-errors', 'index.ts'),
    '@waygate/core': join(libs, 'core', 'src', 'index.ts'),
  },
  legalComments: 'none',
  logLevel: 'warning',
};
const main = { ...common, entryPoints: [join(here, 'src', 'main.ts')] };

/** What the first file holds, and the commands that it does not. */
async function divide() {
  const late = new Set();
  const plugins = [lateBuiltins, lateYaml, lateCommands((path) => (late.add(path), ''))];
  const { metafile } = await build({ ...main, plugins, metafile: true, write: false });
  const early = new Set(Object.keys(metafile.inputs).map((path) => join(process.cwd(), path)));
  return { early, late: [...late].toSorted(byText) };
}

/**
 * Writes the second file: a function that is given the modules of the first one and gives its commands.
 * @returns those it takes from the first
 */
async function buildLate({ early, late }, outfile) {
  const taken = new Set();
  const fromEarly = {
    name: 'from-early',
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /.*/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === 'real' || path === 'yaml' || path.startsWith('node:')) return undefined;
        const found = await resolve(path, { importer, kind, resolveDir, pluginData: 'real' });
        return early.has(found.path) ? { path: found.path, namespace: 'early' } : undefined;
      });
      onLoad({ filter: /.*/, namespace: 'early' }, ({ path }) => {
        taken.add(path);
        return { contents: `module.exports = early(${JSON.stringify(idOf(path))})` };
      });
    },
  };
  await build({
    ...common,
    stdin: { contents: `module.exports = ${requiring(late)}`, resolveDir: here },
    plugins: [fromEarly, lateYaml, lateBuiltins],
    banner: { js: 'module.exports = (early, module) => {' },
    footer: { js: 'return module.exports;\n};' },
    outfile,
  });
  return [...taken].toSorted(byText);
}

const requiring = (paths) =>
  `{${paths.map((path) => `${JSON.stringify(idOf(path))}: () => require(${JSON.stringify(path)})`).join()}}`;

const outfile = process.argv.find((argument) => argument.startsWith('--outfile='))?.slice('--outfile='.length);
const first = outfile ?? join(here, 'dist', 'waygate.cjs');
const second = first.replace(/\.cjs$/, '-late.cjs');
const taken = await buildLate(await divide(), second);
const lateFile = {
  name: 'late-file',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^late-file$/ }, ({ path }) => ({ path, namespace: 'late-file' }));
    onResolve({ filter: /-late\.cjs$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: 'late-file' }, () => ({
      contents: `const early = ${requiring(taken)};
        module.exports = require('./${basename(second)}')((id) => early[id](), {});`,
      resolveDir: here,
    }));
  },
};
const fromLate = lateCommands((path) => `module.exports = require('late-file')[${JSON.stringify(idOf(path))}]()`);
await build({
  ...main,
  plugins: [lateBuiltins, fromLate, lateFile],
  outfile: first,
  banner: { js: '#!/usr/bin/env node' },
});
