// A process of its own on state files: `node file-writer.mjs write|steps PATH…`. Says what happens, a JSON line each.
// `write` commits to all files without end; `steps` commits to one on each number read from standard input, so many at once.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
// Not the whole package: this is started hundreds of times.
import { FileBackend } from '../../libs/core/dist/backend/file/file-backend.js';

const [mode, ...paths] = process.argv.slice(2);
const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`);

const files = [];
for (const [file, path] of paths.entries()) files.push(await open(path, file));
if (mode === 'write')
  await Promise.all(files.flatMap((one) => [0, 1, 2, 3].map((lane) => writeForEver(one, `GET:/lane-${lane}`))));
else await takeSteps(files[0]);

async function open(path, file) {
  const backend = new FileBackend(path);
  try {
    await backend.open();
  } catch (error) {
    say({ failed: error.name, message: error.message });
    process.exit(0);
  }
  const { revision, records } = await backend.load();
  const opened = { backend, file, known: new Map(records.map((record) => [record.key, record])), heard: revision };
  backend.watch(
    revision,
    (batch) => (opened.heard = batch.revision),
    () => undefined,
  );
  say({ file, opened: revision });
  return opened;
}

async function writeForEver(one, key) {
  for (let number = Number(one.known.get(key)?.value.override.reason ?? 0) + 1; ; number++) {
    say({ file: one.file, acknowledged: key, number, revision: await commit(one, key, number) });
  }
}

async function takeSteps(one) {
  const { backend } = one;
  let number = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const before = one.heard;
    const results = await Promise.allSettled(
      Array.from({ length: Number(line) }, (_, index) => commit(one, `GET:/step-${++number}-${index}`, number)),
    );
    const errors = new Set(results.flatMap(({ reason }) => (reason === undefined ? [] : [`${reason.name}: ${reason.message}`])));
    const image = await backend.load();
    const audit = await backend.queryAudit({}, { limit: 1000 });
    say({
      done: results.filter(({ status }) => status === 'fulfilled').length,
      errors: [...errors],
      revision: image.revision,
      records: image.records.length,
      audit: audit.items.length,
      heard: one.heard - before,
    });
  }
  await backend.close();
}

async function commit({ backend, known }, key, number) {
  const declared = { state: 'active', reason: '', window: null, environments: null, deprecation: null, forceActive: false };
  const override = {
    state: 'disabled',
    reason: String(number),
    environments: null,
    setAt: '2026-01-01T00:00:00.000Z',
    setBy: 'alice',
    window: null,
    beneath: null,
  };
  const value = { service: null, declared, override };
  const about = { kind: 'route', key, service: null, actor: 'writer', platform: 'code', reason: String(number) };
  const entry = { id: `${key} ${number}`, at: new Date().toISOString(), action: 'disable', ...about, before: null, after: value };
  const expected = known.get(key)?.revision ?? 0;
  const result = await backend.commit({ writes: [{ kind: 'route', key, expected, value }], audit: [entry] });
  known.set(key, { revision: result.revision });
  return result.revision;
}
