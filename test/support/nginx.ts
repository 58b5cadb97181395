import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './certificate.js';
import { freePort } from './free-port.js';

/** Nobody, on Debian and most others. */
const NOBODY = 65_534;

/** A real nginx on a free port, in the foreground and without privileges, with its settings as they come. */
export class Nginx {
  private constructor(
    readonly port: number,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /**
   * Passes everything on to a port. What is asked for below `/stubborn` is passed on by a proxy that does not let the server behind it say
   * how to buffer.
   * @param certificate speaks https with this, and tells the server behind it who asked, and how
   */
  static async start(targetPort: number, certificate?: Certificate): Promise<Nginx> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'waygate-nginx-'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (what) => `${what}_temp_path ${join(folder, what)};`,
    );
    const target = `http://127.0.0.1:${targetPort}`;
    const tls =
      certificate === undefined
        ? ''
        : `ssl_certificate ${certificate.certPath}; ssl_certificate_key ${certificate.keyPath};
           proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
           proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`;
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log stderr warn;
       events {}
       http {
         access_log off; ${temporary.join(' ')}
         server {
           listen 127.0.0.1:${port}${certificate === undefined ? '' : ' ssl'}; ${tls}
           location / { proxy_pass ${target}; }
           location /stubborn/ { proxy_pass ${target}/; proxy_ignore_headers X-Accel-Buffering; }
         }
       }`,
    );
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(folder, NOBODY, NOBODY);
    const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
    const child = spawn('nginx', args, { stdio: 'ignore', ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}) });
    const nginx = new Nginx(port, child, folder);
    await nginx.#isUp();
    return nginx;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve));
      this.process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #isUp(): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      const answered = await new Promise<boolean>((resolve) => {
        const socket = connect(this.port, '127.0.0.1', () => resolve(true));
        socket.on('error', () => resolve(false));
        socket.on('close', () => resolve(false));
        socket.on('connect', () => socket.end());
      });
      if (answered) return;
      if (this.process.exitCode !== null) throw new Error(`nginx ended with ${this.process.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('nginx does not listen');
  }
}
