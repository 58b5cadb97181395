import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliFailure } from '../terminal/failure.js';

interface StoredAuth {
  readonly token: string;
  readonly username: string;
  readonly expires_at: string;
  /** The server that gave the token; it is shown to no other. Files of other clients lack it. */
  readonly server_url?: string;
}

export interface ConfigContent {
  readonly server_url?: string;
  readonly auth?: StoredAuth;
}

/** The user's settings, readable by nobody else. Fields this program does not know are kept. */
export class ConfigFile {
  constructor(readonly path: string = defaultPath()) {}

  /** @throws {CliFailure} when the file is there but cannot be read */
  read(): ConfigContent {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw new CliFailure(`${this.path} cannot be read: ${(error as Error).message}`);
    }
    try {
      const content: unknown = JSON.parse(text === '' ? '{}' : text);
      if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
    } catch {
      // Told below, together with JSON that is no object.
    }
    throw new CliFailure(`${this.path} is not valid JSON. Mend it, or remove it and sign in again.`);
  }

  /** Changes some fields; `undefined` removes one. The file is replaced at once or not at all. */
  update(fields: Partial<ConfigContent>): void {
    const text = `${JSON.stringify({ ...this.read(), ...fields }, null, 2)}\n`;
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
      chmodSync(temporary, 0o600);
      renameSync(temporary, this.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new CliFailure(`${this.path} cannot be written: ${(error as Error).message}`);
    }
  }
}

function defaultPath(): string {
  const home = homedir();
  return process.platform === 'win32'
    ? join(home, 'AppData', 'Local', 'waygate', 'config.json')
    : join(home, '.waygate', 'config.json');
}
