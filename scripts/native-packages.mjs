// Packages with a compiled part, whose install scripts `npm ci` does not run. Made when missing: fetched where somebody built it already,
// else compiled here.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './steps.mjs';

const NEEDED = [{ name: 'better-sqlite3', made: 'build/Release/better_sqlite3.node', for: 'the SQLite example' }];

/** Makes them or ends the process, saying what is missing. */
export function requireNativePackages() {
  for (const { name, made, for: purpose } of NEEDED) {
    if (existsSync(join(ROOT, 'node_modules', name, made))) continue;
    console.log(`Making ${name} for ${purpose} (about a minute where it has to be compiled) …`);
    if (run('npm', ['rebuild', name, '--ignore-scripts=false', '--loglevel=error'])) continue;
    console.error(`\n${name}, for ${purpose}, could not be made. It needs a C++ compiler; on Debian and Ubuntu type:`);
    console.error("  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends g++ make python3'\n");
    process.exit(1);
  }
}
