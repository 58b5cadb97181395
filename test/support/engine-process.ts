import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export type WorkerMessage =
  | { readonly kind: 'ready' | 'written' }
  | { readonly kind: 'acknowledged'; readonly token: string; readonly began: number }
  | { readonly kind: 'failed'; readonly token: string; readonly message: string }
  | { readonly kind: 'decided'; readonly reason: string | undefined; readonly at: number }
  | { readonly kind: 'state'; readonly state: string; readonly status: string };

/** A process with an engine on a Redis, see `redis-backend-worker.mjs`. Keeps all that it said. */
export class EngineProcess {
  readonly heard: WorkerMessage[] = [];

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => this.heard.push(message as WorkerMessage));
  }

  static async start(url: string, name: string): Promise<EngineProcess> {
    const worker = new EngineProcess(fork('test/support/redis-backend-worker.mjs', [url, name]));
    await worker.next('ready');
    return worker;
  }

  ask(task: 'write' | 'observe' | 'state', options: Record<string, unknown> = {}): void {
    this.child.send({ task, ...options });
  }

  all<K extends WorkerMessage['kind']>(kind: K): Extract<WorkerMessage, { kind: K }>[] {
    return this.heard.filter((message) => message.kind === kind) as Extract<WorkerMessage, { kind: K }>[];
  }

  next(kind: WorkerMessage['kind']): Promise<WorkerMessage> {
    return new Promise((resolve) => {
      const hear = (message: WorkerMessage): void => {
        if (message.kind !== kind) return;
        this.child.off('message', hear);
        resolve(message);
      };
      this.child.on('message', hear);
    });
  }

  async state(): Promise<{ state: string; status: string }> {
    const answer = this.next('state');
    this.ask('state');
    return (await answer) as { kind: 'state'; state: string; status: string };
  }

  /** Dies at once, whatever it is doing. */
  async kill9(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
