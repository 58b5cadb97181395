import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';

/** A Redis of the test's own, on a free port, in a folder of its own. */
export class RedisServer {
  #process: ChildProcess | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'waygate-redis-'));

  private constructor(
    readonly port: number,
    private readonly config: readonly string[],
    private readonly mode: readonly string[],
  ) {}

  /** @param config lines of a configuration file */
  static async start(config: readonly string[] = [], mode: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), config, mode);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on the same port where it does not run; empty, unless it was configured to save. */
  async restart(): Promise<void> {
    if (this.#process === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) this.#start();
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    await client.ping();
    client.disconnect();
  }

  #start(): void {
    const path = join(this.#folder, 'redis.conf');
    const forgetful = this.mode.length > 0 ? [] : ['save ""', 'appendonly no', 'repl-diskless-sync-delay 0'];
    const lines = [
      `port ${this.port}`,
      'bind 127.0.0.1',
      `dir ${this.#folder}`,
      'protected-mode no',
      ...forgetful,
      ...this.config,
    ];
    writeFileSync(path, `${lines.join('\n')}\n`);
    const args = [path, ...this.mode];
    this.#process = spawn('redis-server', args, { stdio: 'ignore' });
  }

  /** Dies at once, as after a power cut. */
  async kill9(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.kill9();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
