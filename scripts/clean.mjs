// Removes everything that is built.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './steps.mjs';

const dists = ['libs', 'apps', 'examples'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((name) => join(folder, name, 'dist')),
);
for (const target of [
  ...dists,
  'libs/admin/assets/bundle.cjs',
  'coverage',
  'bench/results',
  'test/artifacts',
  'docs/.vitepress/dist',
  'docs/.vitepress/cache',
])
  rmSync(join(ROOT, target), { recursive: true, force: true });
