import { spawn, type ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { freePort } from './free-port.js';
import { LONG_PATIENCE } from './patience.mjs';

const MAIN = resolve('apps/server/dist/main.js');

const SERVER_USER = 'admin:correct horse';
export const SERVER_SECRET = 'a secret key for tests only';

/** A Waygate server of the test's own, as a process. */
export class ServerProcess {
  #child: ChildProcess | undefined;
  /** What it wrote, of all its lives. */
  output = '';

  private constructor(
    readonly port: number,
    private readonly flags: readonly string[],
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start(
    flags: readonly string[] = [],
    { port, env = {} }: { readonly port?: number; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<ServerProcess> {
    const server = new ServerProcess(port ?? (await freePort()), flags, env);
    await server.restart();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get lines(): readonly Record<string, unknown>[] {
    return this.output
      .slice(0, this.output.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Starts it on the same port, once it is down. */
  async restart(): Promise<void> {
    const own = ['--host', '127.0.0.1', '--port', String(this.port), '--user', SERVER_USER, '--secret-key', SERVER_SECRET];
    const began = this.output.length;
    const child = spawn(process.execPath, [MAIN, ...own, ...this.flags], { env: { ...process.env, ...this.environment } });
    this.#child = child;
    const keep = (text: string) => (this.output += text);
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const deadline = Date.now() + LONG_PATIENCE.timeout;
    while (!this.output.slice(began).includes('"message":"listening"')) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`The server did not start: ${this.output.slice(began)}`);
      await new Promise((done) => setTimeout(done, 10));
    }
  }

  /** Dies at once, as after a power cut. */
  kill9(): Promise<void> {
    return this.#end('SIGKILL').then(() => undefined);
  }

  /** Asks it to end. @returns its exit code */
  terminate(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** A request as somebody of this account; an object becomes JSON. */
  async call(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; json: unknown }> {
    const response = await fetch(this.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
  }

  /** Sends all of a request but its last byte. @returns what sends that, and tells the status of the answer */
  async begin(
    method: string,
    path: string,
    body: object,
    headers: Record<string, string>,
  ): Promise<{ finish(): Promise<number> }> {
    const text = JSON.stringify(body);
    const length = Buffer.byteLength(text);
    const sent = request(this.url + path, { method, headers: { ...headers, 'content-length': length }, agent: false });
    const answered = new Promise<number>((done, failed) => {
      sent.once('error', failed);
      sent.once('response', (response) => {
        response.resume();
        done(response.statusCode ?? 0);
      });
    });
    answered.catch(() => undefined);
    await new Promise<void>((done) => sent.write(text.slice(0, -1), () => done()));
    const finish = () => {
      sent.end(text.slice(-1));
      return answered;
    };
    return { finish };
  }

  /** @returns headers that carry the token */
  async signIn(more: object = {}, headers: Record<string, string> = {}): Promise<Record<string, string>> {
    const [username, password] = SERVER_USER.split(':');
    const { status, json } = await this.call('POST', '/api/auth/login', { username, password, ...more }, headers);
    if (status !== 200) throw new Error(`Signing in: ${status} ${JSON.stringify(json)}`);
    return { 'x-waygate-token': (json as { token: string }).token };
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    // Not before all it wrote has come.
    const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
    child.kill(signal);
    return ended;
  }
}
