import { writeSync } from 'node:fs';

const STDOUT = 1;

/**
 * Writes past `process.stdout`, which takes longer to be made than all output takes to be written. A pipe that would have to be waited for
 * is left to it. Whoever reads and leaves has seen enough, e.g. `| head`.
 */
export function write(text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(STDOUT, bytes, written);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') process.exit();
    if (code !== 'EAGAIN') throw error;
    process.stdout.on('error', () => process.exit());
    process.stdout.write(bytes.subarray(written));
  }
}
