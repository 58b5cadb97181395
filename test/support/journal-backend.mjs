// A store for tests that outlives kill -9: every commit is on disk before it is acknowledged, and read back when it is opened.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { MemoryBackend } from '@waygate/core';

export class JournalBackend extends MemoryBackend {
  #path;
  #file;

  constructor(path) {
    super();
    this.#path = path;
  }

  async open() {
    const lines = existsSync(this.#path) ? readFileSync(this.#path, 'utf8').split('\n').filter(Boolean) : [];
    for (const line of lines) await super.commit(JSON.parse(line));
    this.#file = openSync(this.#path, 'a');
  }

  async commit(changeSet) {
    const done = await super.commit(changeSet);
    writeSync(this.#file, `${JSON.stringify(changeSet)}\n`);
    fsyncSync(this.#file);
    return done;
  }

  async close() {
    await super.close();
    closeSync(this.#file);
  }
}
