// Bundles what pages of the dashboard load into one file, assets/bundle.cjs, which the package serves from memory: no path to look for at
// run time, so an app that is bundled itself carries it along. The file is built, not committed. `npm run build`, `npm start` and
// `npm run dev` make it, and so does the test runner, whose tests import the sources.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, '..', 'assets');

/** Builds the bundle. The test runner calls it too. */
export default async function bundleAssets() {
  const { outputFiles } = await build({
    entryPoints: {
      dashboard: join(HERE, 'scripts', 'dashboard.ts'),
      charts: join(HERE, 'scripts', 'charts.ts'),
      styles: join(HERE, 'styles', 'index.css'),
    },
    bundle: true,
    minify: true,
    write: false,
    outdir: OUT,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    tsconfig: join(HERE, 'tsconfig.json'),
    logLevel: 'warning',
  });
  const textOf = (name) => outputFiles.find(({ path }) => path.endsWith(name))?.text ?? '';
  const files = {
    'dashboard.js': textOf('dashboard.js'),
    // Its license asks to stand in copies.
    'charts.js': `/*! uPlot\n${packageFile('uplot', 'LICENSE')}*/\n${textOf('charts.js')}`,
    'dashboard.css': textOf('styles.css'),
    'charts.css': packageFile('uplot', 'dist/uPlot.min.css'),
    'icon.svg': readFileSync(join(HERE, 'icon.svg'), 'utf8'),
  };
  replace(join(OUT, 'bundle.cjs'), `module.exports = ${JSON.stringify(files, null, 1)};\n`);
}

/** At once, and only where it differs: another process may read it. */
function replace(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, path);
}

function packageFile(name, path) {
  return readFileSync(fileURLToPath(new URL(`../../../node_modules/${name}/${path}`, import.meta.url)), 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleAssets();
