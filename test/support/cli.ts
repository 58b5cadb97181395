import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

export interface TerminalRun extends CliRun {
  /** Width of the terminal; default 80. */
  readonly columns?: number;
  /** What is typed, each once the text before it was shown: `[prompt, answer]`. */
  readonly answers?: readonly (readonly [string, string])[];
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

  /** Starts the program without waiting for its end. */
  start(args: readonly string[], { env = {} }: CliRun = {}): RunningCli {
    return new RunningCli(spawn(process.execPath, [this.program, ...args], { env: this.#env(env), cwd: this.home }));
  }

  /** Runs the program on a pseudo-terminal (util-linux `script`): both outputs come as one. */
  async onTerminal(args: readonly string[], options: TerminalRun = {}): Promise<CliResult> {
    const { env = {}, columns = 80, answers = [], cwd = this.home } = options;
    const command = [process.execPath, this.program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const child = spawn('script', ['-qec', `stty cols ${columns} rows 40 -echo; ${command}`, '/dev/null'], {
      env: { ...this.#env(env), TERM: 'xterm' },
      cwd,
    });
    let shown = '';
    const left = [...answers];
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      const [next] = left;
      if (next !== undefined && shown.includes(next[0])) {
        left.shift();
        shown = '';
        child.stdin.write(`${next[1]}\n`);
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

/** A program that goes on, e.g. with `--watch`. */
export class RunningCli {
  #stdout = '';
  #stderr = '';

  constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
  }

  /** Waits until the output has something. */
  async shows(text: string, limitMs = 10_000): Promise<string> {
    const until = Date.now() + limitMs;
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
