import { open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BackendUnavailableError } from '../../model/errors.js';
import { errorMessage } from '../../native-errors/native-error.js';

/** Makes creations, renames and removals in the folder of `path` survive a power cut. */
export async function syncFolderOf(path: string): Promise<void> {
  // Windows cannot open folders, and does not need to.
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Writes all of it at `position`; a short write (a disk about to be full) is continued, so that it ends in success or an error. */
export async function writeAt(handle: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await handle.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}

/** Reads `length` bytes from `position`; fewer where the file ends. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const data = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(data, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return data.subarray(0, done);
}

/** Closes and removes what was begun, and never adds an error to the one that made it necessary. */
export async function abandon(handle: FileHandle | undefined, path: string): Promise<void> {
  await handle?.close().catch(() => undefined);
  await rm(path, { force: true }).catch(() => undefined);
}

/** The error of the file system as one of the backend, naming the file. */
export function unavailable(what: string, path: string, error: unknown): BackendUnavailableError {
  const reason = errorMessage(error);
  return new BackendUnavailableError(`${what} '${path}': ${reason}`, { cause: error });
}

/** One loud line for the operator. */
export function warnOperator(message: string): void {
  process.emitWarning(message, 'WaygateWarning');
}
