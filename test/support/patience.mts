/**
 * How long a test waits for a state that has to come, in ms: also a machine that is busy with other things brings it by then, and
 * who waits for it is told at once when it is there. `expect.poll` has it by itself; pages and `vi.waitUntil` are given it.
 */
export const PATIENCE_MS = 15_000;

/** The same, as an option. */
export const PATIENCE = { timeout: PATIENCE_MS, interval: 30 } as const;

/** For what starts processes or takes many steps first. */
export const LONG_PATIENCE = { timeout: 60_000, interval: 30 } as const;

/** For tests that start and stop several processes: each start takes seconds of a machine that is busy. */
export const SEVERAL_PROCESSES = { timeout: 180_000 } as const;
