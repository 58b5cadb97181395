// Replaces the built modules that read files of their package by modules that hold what these read. A bundle of an app then contains the
// dashboard's styles and scripts, and needs no files beside it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import { transformSync } from 'esbuild';
import { ROOT } from './steps.mjs';

for (const { library, path, packages } of [
  { library: 'admin', path: 'dashboard/assets/asset-files', packages: ['htmx.org', 'uplot'] },
  { library: 'nestjs', path: 'swagger/asset-files', packages: [] },
]) {
  const source = join(ROOT, 'libs', library, 'src', `${path}.ts`);
  const built = join(ROOT, 'libs', library, 'dist', `${path}.js`);
  const texts = JSON.stringify(evaluate(source).ASSET_FILES, null, 2);
  const notices = packages.map((name) => noticeOf(name, source)).join('');
  writeFileSync(built, `"use strict";\n${notices}exports.ASSET_FILES = ${texts};\n`);
  // It would lead to the source that reads files.
  rmSync(`${built}.map`, { force: true });
}

/** The license of a package whose file is embedded, as a comment that bundlers keep. */
function noticeOf(name, source) {
  const folder = dirname(createRequire(source).resolve(`${name}/package.json`));
  return `/*! ${name}\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n*/\n`;
}

/** From the source, not from the build: that may hold what the files were at the last build. */
function evaluate(source) {
  const { code } = transformSync(readFileSync(source, 'utf8'), { loader: 'ts', format: 'cjs' });
  const module = { exports: {} };
  const run = compileFunction(code, ['module', 'exports', 'require', '__dirname'], { filename: source });
  run(module, module.exports, createRequire(source), dirname(source));
  return module.exports;
}
