// Replaces the built modules that read files of their package by modules that hold what these read. A bundle of an app then contains the
// dashboard's styles and scripts, and needs no files beside it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { ROOT } from './steps.mjs';

for (const [library, path] of [
  ['admin', 'dashboard/assets/asset-files'],
  ['nestjs', 'swagger/asset-files'],
]) {
  const source = join(ROOT, 'libs', library, 'src', `${path}.ts`);
  const built = join(ROOT, 'libs', library, 'dist', `${path}.js`);
  const texts = JSON.stringify(evaluate(source).ASSET_FILES, null, 2);
  writeFileSync(built, `"use strict";\nexports.ASSET_FILES = ${texts};\n`);
  // It would lead to the source that reads files.
  rmSync(`${built}.map`, { force: true });
}

/** From the source, not from the build: that may hold what the files were at the last build. */
function evaluate(source) {
  const { code } = transformSync(readFileSync(source, 'utf8'), { loader: 'ts', format: 'cjs' });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', '__dirname', code)(module, module.exports, createRequire(source), dirname(source));
  return module.exports;
}
