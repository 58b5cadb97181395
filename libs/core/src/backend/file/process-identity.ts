import { randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { errorCode } from '../../native-errors/native-error.js';

/** Who holds a lock, as far as another process can check it. */
export interface ProcessIdentity {
  /** Of this taking, not of the process. */
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** When the process began, for people. */
  readonly startedAt: string;
  /** Which start of which machine; `null` = the system does not tell. */
  readonly boot: string | null;
  /** In which process ids mean the same, e.g. a container. */
  readonly pidNamespace: string | null;
  /** When the process began, in ticks since the machine did: tells it from a later one with the same id. */
  readonly startTicks: string | null;
}

export async function thisProcess(): Promise<ProcessIdentity> {
  return {
    token: randomUUID(),
    pid: process.pid,
    host: hostname(),
    startedAt: new Date(performance.timeOrigin).toISOString(),
    boot: await orNull(async () => (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()),
    pidNamespace: await orNull(() => readlink('/proc/self/ns/pid')),
    startTicks: (await statOf(process.pid))?.startTicks ?? null,
  };
}

/** Whether the process runs: known for certain where it can be looked up from here, else `unknown`. */
export async function isRunning(other: ProcessIdentity, self: ProcessIdentity): Promise<boolean | 'unknown'> {
  const sameMachine = other.boot === null ? other.host === self.host : other.boot === self.boot;
  if (!sameMachine || other.pidNamespace !== self.pidNamespace) return 'unknown';
  if (!exists(other.pid)) return false;
  if (other.startTicks === null) return other.pid === self.pid ? true : 'unknown';
  const stat = await statOf(other.pid);
  // Z and X: dead, but nobody has asked how it ended.
  return stat !== null && stat.startTicks === other.startTicks && !'ZX'.includes(stat.state);
}

/** Whether both are one process. */
export function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return (['pid', 'host', 'boot', 'pidNamespace', 'startTicks'] as const).every((field) => a[field] === b[field]);
}

export function readIdentity(text: string): ProcessIdentity | null {
  try {
    const value = JSON.parse(text) as ProcessIdentity;
    const usable =
      typeof value.token === 'string' && /^[\w-]{1,64}$/.test(value.token) && Number.isInteger(value.pid) && value.pid > 0;
    return usable ? value : null;
  } catch {
    return null;
  }
}

/** Whether a process has this id, whoever it is. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** Fields 3 and 22 of `/proc/PID/stat`; the second field is a name in parentheses that may hold anything. */
async function statOf(pid: number): Promise<{ readonly state: string; readonly startTicks: string } | null> {
  return orNull(async () => {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === undefined || startTicks === undefined) throw new Error('not a stat line');
    return { state, startTicks };
  });
}

async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}
