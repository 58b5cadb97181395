import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** What a writer says; see `file-writer.mjs`. */
export interface WriterMessage {
  /** Which of its files. */
  readonly file?: number;
  readonly failed?: string;
  readonly message?: string;
  readonly opened?: number;
  readonly acknowledged?: string;
  readonly number?: number;
  readonly revision?: number;
  readonly done?: number;
  readonly errors?: readonly string[];
  readonly records?: number;
  readonly audit?: number;
  readonly heard?: number;
}

const SCRIPT = join(process.cwd(), 'test', 'support', 'file-writer.mjs');

/** A process of its own that writes to state files. */
export class FileWriter {
  readonly messages: WriterMessage[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  #isClosed = false;

  /** @param wrapper what the process is run by, e.g. strace and its options */
  constructor(paths: string | readonly string[], mode: 'write' | 'steps', wrapper: readonly string[] = []) {
    const [command = process.execPath, ...args] = wrapper.concat(process.execPath, SCRIPT, mode, ...[paths].flat());
    // One thread for files: faults are counted by thread.
    this.#child = spawn(command, args, { env: { ...process.env, UV_THREADPOOL_SIZE: wrapper.length === 0 ? '4' : '1' } });
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#lines.on('close', () => (this.#isClosed = true));
    this.#lines.on('line', (line) => this.messages.push(JSON.parse(line) as WriterMessage));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The message at this place, as soon as it is there; `undefined` when the process ends before. */
  async message(index: number): Promise<WriterMessage | undefined> {
    while (this.messages.length <= index && !this.#isClosed) {
      const waiting = new AbortController();
      await Promise.race(['line', 'close'].map((event) => once(this.#lines, event, waiting)));
      waiting.abort();
    }
    return this.messages[index];
  }

  /** Commits so many at once, and says what came of it. */
  async step(commits: number): Promise<WriterMessage | undefined> {
    const index = this.messages.length;
    this.#child.stdin.write(`${commits}\n`);
    return this.message(index);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** Dies at once; what it said by then is in `messages`. */
  async kill9(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  /** Ends in good order. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.stdin.end();
    await closed;
  }
}
