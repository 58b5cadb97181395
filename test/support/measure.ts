import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** How often the clock looks, and the longest step it takes for granted, in ms. */
const LOOK_MS = 5;
const STEP_MS = 25;

/**
 * A clock of the time this process had, in ms: it stands still while the machine gives the process no processor, and runs on while
 * the process itself keeps its event loop busy. What a process does by timers of its own is measured with it as on a calm machine.
 */
export class OwnTime {
  #ms = 0;
  #at = performance.now();
  #cpu = process.cpuUsage();
  readonly #timer = setInterval(() => this.#look(), LOOK_MS).unref();

  now(): number {
    const { user, system } = process.cpuUsage(this.#cpu);
    return this.#ms + Math.min(performance.now() - this.#at, Math.max(STEP_MS, (user + system) / 1_000));
  }

  /** How long something takes. */
  async of(work: () => Promise<unknown>): Promise<number> {
    const began = this.now();
    await work();
    return this.now() - began;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#ms = this.now();
    this.#at = performance.now();
    this.#cpu = process.cpuUsage();
  }
}

/**
 * How long processes have waited for a processor so far, together, in ms: what Linux tells of their first threads, on which their
 * event loops run. Elsewhere 0.
 */
export function queuedMs(pids: readonly number[]): number {
  if (process.platform !== 'linux') return 0;
  const nanoseconds = pids.map((pid) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

/**
 * Expects a time to be within its bound at best of a few attempts; a calm machine needs one. What else a machine does only ever adds
 * to a time, so the smallest is nearest to what the program takes by itself, and a program that is too slow is so each time.
 * @param bound ms
 * @param measure one attempt; @returns ms
 */
export async function expectWithin(bound: number, measure: () => Promise<number>, attempts = 4): Promise<void> {
  const taken: number[] = [];
  while (taken.length < attempts && !taken.some((ms) => ms < bound)) taken.push(await measure());
  expect(Math.min(...taken), `ms taken: ${taken.map(Math.round).join(', ')}`).toBeLessThan(bound);
}

/** When this process or one that sends signs of life stood still, by the time between signs. */
export class Pauses {
  readonly #pauses: { readonly from: number; readonly to: number }[] = [];
  #said: number | null = null;
  #heard = 0;

  /** @param longest so long may be between two signs without its being a pause, in ms */
  constructor(private readonly longest: number) {}

  /** @param said when the sign was given, in epoch ms */
  sign(said: number): void {
    const heard = performance.timeOrigin + performance.now();
    if (this.#said !== null) {
      if (said - this.#said > this.longest) this.#pauses.push({ from: this.#said, to: said });
      if (heard - this.#heard > this.longest) this.#pauses.push({ from: this.#heard, to: heard });
    }
    this.#said = said;
    this.#heard = heard;
  }

  /** Whether there was one at any time from one moment to another, in epoch ms. */
  touch(from: number, to: number): boolean {
    return this.#pauses.some((pause) => pause.from < to && pause.to > from);
  }
}
