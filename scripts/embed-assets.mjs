// Replaces the built module that reads the files of the Swagger page by one that holds their text. A bundle of an app then needs no files
// beside it. What the dashboard loads is bundled by libs/admin/browser/build.mjs.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import { transformSync } from 'esbuild';
import { ROOT } from './steps.mjs';

const source = join(ROOT, 'libs', 'nestjs', 'src', 'swagger', 'asset-files.ts');
const built = join(ROOT, 'libs', 'nestjs', 'dist', 'swagger', 'asset-files.js');
writeFileSync(built, `"use strict";\nexports.ASSET_FILES = ${JSON.stringify(evaluate(source).ASSET_FILES, null, 2)};\n`);
// It would lead to the source that reads files.
rmSync(`${built}.map`, { force: true });

/** From the source, not from the build: that may hold what the files were at the last build. */
function evaluate(source) {
  const { code } = transformSync(readFileSync(source, 'utf8'), { loader: 'ts', format: 'cjs' });
  const module = { exports: {} };
  const run = compileFunction(code, ['module', 'exports', 'require', '__dirname'], { filename: source });
  run(module, module.exports, createRequire(source), dirname(source));
  return module.exports;
}
