import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import type { Health } from '@waygate/core';

const WORKER = resolve('test/support/sdk-worker.mjs');

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
  readonly ready?: { readonly port: number; readonly bootMs: number; readonly health: Health };
  readonly decided?: string;
  readonly health?: Health;
  readonly at?: number;
}

/** A replica of a service, as a process. */
export class SdkProcess {
  /** When it noticed that `GET:/items` is decided otherwise: epoch ms. */
  readonly decisions: { readonly outcome: string; readonly at: number }[] = [];
  readonly healths: { readonly health: Health; readonly at: number }[] = [];
  #calls = 0;
  readonly #waiting = new Map<number, (message: Message) => void>();

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    /** How long its app took to start, in ms. */
    readonly bootMs: number,
    readonly healthAtStart: Health,
  ) {
    child.on('message', (message: Message) => {
      const at = message.at ?? 0;
      if (message.id !== undefined) this.#waiting.get(message.id)?.(message);
      if (message.decided !== undefined) this.decisions.push({ outcome: message.decided, at });
      if (message.health !== undefined) this.healths.push({ health: message.health, at });
    });
  }

  static start(options: object): Promise<SdkProcess> {
    const child = fork(WORKER, {
      env: { ...process.env, SDK_OPTIONS: JSON.stringify(options) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
    return new Promise((done, fail) => {
      child.once('exit', (code) => fail(new Error(`The service ended with ${code}: ${said}`)));
      child.on('message', ({ ready }: Message) => {
        if (ready !== undefined) done(new SdkProcess(child, ready.port, ready.bootMs, ready.health));
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Calls a method of its engine, e.g. `routes.disable`, or reads a property. */
  call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#calls;
    return new Promise((done, fail) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error === undefined) done(result);
        else fail(Object.assign(new Error(error.message), { name: error.name }));
      });
      this.child.send({ id, method, args });
    });
  }

  async status(path: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`);
    await response.arrayBuffer();
    return response.status;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGKILL');
    await ended;
  }
}
