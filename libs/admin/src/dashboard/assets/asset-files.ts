import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const OWN = join(__dirname, '..', '..', '..', 'assets');
const read = (path: string): string => readFileSync(path, 'utf8');

/**
 * What pages load: files of this package, and of packages it depends on. The build replaces this module by one that holds the texts
 * (`scripts/embed-assets.mjs`), so that a bundle of an app needs no files beside it.
 */
export const ASSET_FILES = {
  'dashboard.css': read(join(OWN, 'dashboard.css')),
  'dashboard.js': read(join(OWN, 'dashboard.js')),
  'charts.js': read(join(OWN, 'charts.js')),
  'icon.svg': read(join(OWN, 'icon.svg')),
  'htmx.js': read(require.resolve('htmx.org/dist/htmx.min.js')),
  'uplot.js': read(require.resolve('uplot/dist/uPlot.iife.min.js')),
  'uplot.css': read(require.resolve('uplot/dist/uPlot.min.css')),
};
