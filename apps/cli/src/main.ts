import { writeSync } from 'node:fs';
import { VERSION } from './command/version.js';

const words = process.argv.slice(2);
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  // Not by process.stdout: making a stream of it takes longer than all the rest.
  writeSync(1, `${VERSION}\n`);
} else {
  void run();
}

async function run(): Promise<void> {
  const { runProgram } = await import('./program/program.js');
  process.exitCode = await runProgram(words, VERSION);
}
