import type { FileHandle } from 'node:fs/promises';
import { readAt } from './durable-files.js';

interface Line {
  /** Place in the file. */
  readonly start: number;
  readonly text: string;
}

const CHUNK = 64 * 1024;
export const NEWLINE = 10;

/** The lines of a file that lie from `bodyStart` to `end`, the last one first, read by pieces. */
export async function* linesBackwards(
  { handle, bodyStart }: { readonly handle: FileHandle; readonly bodyStart: number },
  end: number,
): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  for (let at = end; at > bodyStart;) {
    const length = Math.min(CHUNK, at - bodyStart);
    at -= length;
    const piece = await readAt(handle, at, length);
    const data = rest.length === 0 ? piece : Buffer.concat([piece, rest]);
    let stop = data.length;
    while (stop >= 2) {
      const newline = data.lastIndexOf(NEWLINE, stop - 2);
      if (newline < 0) break;
      yield { start: at + newline + 1, text: data.toString('utf8', newline + 1, stop - 1) };
      stop = newline + 1;
    }
    rest = data.subarray(0, stop);
  }
  if (rest.length > 1) yield { start: bodyStart, text: rest.toString('utf8', 0, rest.length - 1) };
}

/** Up to where a file consists of whole lines, and of how many. */
export async function wholeLines(handle: FileHandle): Promise<{ end: number; lines: number }> {
  let [end, lines] = [0, 0];
  for (let at = 0; ;) {
    const chunk = await readAt(handle, at, CHUNK);
    for (let newline = chunk.indexOf(NEWLINE); newline >= 0; newline = chunk.indexOf(NEWLINE, newline + 1)) {
      end = at + newline + 1;
      lines++;
    }
    at += chunk.length;
    if (chunk.length < CHUNK) return { end, lines };
  }
}
