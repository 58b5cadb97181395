import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LONG_PATIENCE } from './patience.mjs';

const ROOT = process.cwd();

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRun {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** `[command line, what it says, exit code]`; with another code than 0, what it says on standard error. */
export type Line = readonly [line: string, output: string | RegExp, code?: number];

export interface TerminalRun extends CliRun {
  /** Width of the terminal; default 80. */
  readonly columns?: number;
  /** What is typed, each once the text before it was shown: `[prompt, answer]`. */
  readonly answers?: readonly (readonly [string, string])[];
  /** How long each answer is thought over, in ms; default 0. */
  readonly hesitation?: number;
}

/** The program, bundled from the sources, with a home of its own. */
export class CliUnderTest {
  readonly home: string;
  readonly #folder: string;
  /** Path of the bundle. */
  readonly program: string;

  constructor(private readonly server: () => string | undefined = () => undefined) {
    this.#folder = mkdtempSync(join(tmpdir(), 'waygate-cli-'));
    this.home = join(this.#folder, 'home');
    mkdirSync(this.home);
    this.program = join(this.#folder, 'waygate.cjs');
    execFileSync(process.execPath, [join(ROOT, 'apps', 'cli', 'build.mjs'), `--outfile=${this.program}`]);
  }

  get configPath(): string {
    return join(this.home, '.waygate', 'config.json');
  }

  /** Runs the program in a pipe. */
  async run(args: readonly string[], { env = {}, input, cwd = this.home }: CliRun = {}): Promise<CliResult> {
    const child = spawn(process.execPath, [this.program, ...args], { env: this.#env(env), cwd });
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    return collect(child);
  }

  /** Runs a command line, split as a shell does it, as far as double quotes go. */
  line(text: string, options: CliRun = {}): Promise<CliResult> {
    const words = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    return this.run(words, options);
  }

  /** Plays lines one after the other; an output that matches its pattern is given as the pattern, to compare with {@link expected}. */
  async play(lines: readonly Line[]): Promise<readonly object[]> {
    const results: object[] = [];
    for (const [line, output] of lines) {
      const { stdout, stderr, code } = await this.line(line);
      const said = code === 0 ? stdout : stderr;
      const other = code === 0 ? stderr : stdout;
      results.push({ line, output: output instanceof RegExp && output.test(said) ? output : said, other, code });
    }
    return results;
  }

  /** Starts the program without waiting for its end. */
  start(args: readonly string[], { env = {} }: CliRun = {}): RunningCli {
    return new RunningCli(spawn(process.execPath, [this.program, ...args], { env: this.#env(env), cwd: this.home }));
  }

  /** Runs the program on a pseudo-terminal (util-linux `script`): both outputs come as one. */
  async onTerminal(args: readonly string[], options: TerminalRun = {}): Promise<CliResult> {
    const { env = {}, columns = 80, answers = [], hesitation = 0, cwd = this.home } = options;
    const command = [process.execPath, this.program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const child = spawn('script', ['-qec', `stty cols ${columns} rows 40 -echo; ${command}`, '/dev/null'], {
      env: { ...this.#env(env), TERM: 'xterm' },
      cwd,
    });
    let shown = '';
    const left = [...answers];
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      const [next] = left;
      if (next !== undefined && shown.includes(next[0])) {
        left.shift();
        shown = '';
        setTimeout(() => child.stdin.write(`${next[1]}\n`), hesitation);
      }
    });
    const result = await collect(child);
    return { ...result, stdout: result.stdout.replaceAll('\r\n', '\n') };
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #env(more: Readonly<Record<string, string>>): Record<string, string> {
    const url = this.server();
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.home,
      ...(url === undefined ? {} : { WAYGATE_SERVER_URL: url }),
      ...more,
    };
  }
}

/** What {@link CliUnderTest.play} gives when every line does what it should. */
export function expected(lines: readonly Line[]): readonly object[] {
  return lines.map(([line, output, code = 0]) => ({ line, output, other: '', code }));
}

/** A program that goes on, e.g. with `--watch`. */
export class RunningCli {
  #stdout = '';
  #stderr = '';

  constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
  }

  /** Waits until the output has something. */
  async shows(text: string): Promise<string> {
    const until = Date.now() + LONG_PATIENCE.timeout;
    while (!this.#stdout.includes(text)) {
      if (Date.now() > until) throw new Error(`'${text}' was not shown, but: ${this.#stdout}${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return this.#stdout;
  }

  /** Ctrl-C. @returns the exit code */
  interrupt(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGINT');
    return ended;
  }
}

function collect(child: ChildProcess): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
