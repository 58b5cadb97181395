import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { vi } from 'vitest';
import { freePort } from './free-port.js';
import { LONG_PATIENCE } from './patience.mjs';

/** A built example, run as a newcomer would run it: a process of its own on a free port. */
export class Example {
  #output = '';

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** @param name folder in `examples/` */
  static async start(name: string, env: Readonly<Record<string, string>> = {}): Promise<Example> {
    const main = resolve('examples', name, 'dist', 'main.js');
    if (!existsSync(main)) throw new Error('Build first: npm run build');
    const port = await freePort();
    const child = spawn(process.execPath, [main], { env: { ...process.env, PORT: String(port), ...env } });
    const example = new Example(`http://127.0.0.1:${port}`, child);
    await vi.waitUntil(() => child.exitCode !== null || example.output.includes(`:${port}/`), LONG_PATIENCE);
    if (child.exitCode !== null) throw new Error(example.output);
    return example;
  }

  /** What it printed so far. */
  get output(): string {
    return this.#output;
  }

  request(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url + path, { redirect: 'manual', ...init });
  }

  async status(path: string, init?: RequestInit): Promise<number> {
    const response = await this.request(path, init);
    await response.text();
    return response.status;
  }

  /** The statuses of requests made one after the other. */
  async statuses(path: string, count: number, headers: Readonly<Record<string, string>> = {}): Promise<number[]> {
    const seen: number[] = [];
    for (let i = 0; i < count; i++) seen.push(await this.status(path, { headers }));
    return seen;
  }

  async json<T>(path: string, init?: RequestInit): Promise<T> {
    return (await (await this.request(path, init)).json()) as T;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}
