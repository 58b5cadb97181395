import type { CounterCheck, CounterRule, CounterVerdict } from '@waygate/core';
import type { RedisClient } from '../connection/connection.js';
import { runScript, scriptOf, type Script } from '../connection/script.js';
import { FIXED_WINDOW_SCRIPT } from './fixed-window.lua.js';
import type { ScriptRules } from './script-rules.js';
import { MOST_STEADY_CHECKS, steadyWindowsScript } from './steady-windows.lua.js';
import { WindowEnds, type KnownWindow } from './window-ends.js';

const ANY_WINDOWS = scriptOf(FIXED_WINDOW_SCRIPT);
/** By number of checks, from one on. */
const STEADY_WINDOWS = Array.from({ length: MOST_STEADY_CHECKS }, (_, i) => scriptOf(steadyWindowsScript(i + 1)));
/** About 200 bytes each. */
const KNOWN_WINDOWS = 20_000;

/** Decides fixed windows in one call, by the shortest script that tells what is not known here yet. */
export class FixedWindows {
  readonly #ends = new WindowEnds(KNOWN_WINDOWS);

  constructor(
    private readonly client: RedisClient,
    private readonly rules: ScriptRules,
  ) {}

  /** @param checks all with the law `fixed_window`, a cost of at least 1, and no time to be blocked beyond the window */
  decide(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    const now = performance.now();
    const keys: string[] = [];
    const windows: (KnownWindow | undefined)[] = [];
    let isSteady = checks.length <= MOST_STEADY_CHECKS;
    for (const { rule, caller, cost } of checks) {
      const known = this.#ends.find(this.rules.of(rule).key, caller, now);
      keys.push(this.rules.keyOf(rule, caller));
      windows.push(known);
      isSteady &&= known !== undefined && cost === 1;
    }
    const script = isSteady ? (STEADY_WINDOWS[checks.length - 1] as Script) : ANY_WINDOWS;
    const values = isSteady ? this.#steadyValues(checks) : this.#anyValues(checks, windows);
    return runScript(this.client, script, keys, values, (answer) =>
      this.#verdicts(checks, windows, typeof answer === 'number' ? [answer] : (answer as readonly number[])),
    );
  }

  /** What is known of a caller's window holds no more. */
  forget(rule: CounterRule, caller: string): void {
    this.#ends.forget(this.rules.of(rule).key, caller);
  }

  #steadyValues(checks: readonly CounterCheck[]): readonly string[] {
    const values = [''];
    let periods = '';
    for (const { rule } of checks) {
      const { most, period } = this.rules.of(rule);
      periods = periods === '' ? period : `${periods}/${period}`;
      values.push(most);
    }
    values[0] = periods;
    return values;
  }

  #anyValues(checks: readonly CounterCheck[], windows: readonly (KnownWindow | undefined)[]): readonly string[] {
    return checks.map(({ rule, cost }, i) => {
      const { most, period } = this.rules.of(rule);
      return `${most}/${period}/${cost}${windows[i] === undefined ? '?' : ''}`;
    });
  }

  #verdicts(
    checks: readonly CounterCheck[],
    windows: readonly (KnownWindow | undefined)[],
    flat: readonly number[],
  ): readonly CounterVerdict[] {
    const steady = performance.now();
    const now = Date.now();
    const verdicts: CounterVerdict[] = [];
    for (let at = 0; at < flat.length; at++) {
      const index = verdicts.length;
      const check = checks[index] as CounterCheck;
      const { rule, caller, cost } = check;
      const { key } = this.rules.of(rule);
      const known = windows[index];
      const count = flat[at] as number;
      const told = flat[at + 1];
      let left = 0;
      if (told !== undefined && told <= 0) {
        at++;
        left = -told;
        this.#ends.learn(key, caller, steady + left, count);
      } else if (count === cost) {
        left = rule.periodMs;
        this.#ends.learn(key, caller, steady + left, count);
      } else if (known !== undefined) {
        left = Math.max(0, Math.round(known.end - steady));
        this.#ends.saw(key, caller, known, count);
      }
      verdicts.push(verdictOf(check, count, left, now));
    }
    return verdicts;
  }
}

function verdictOf({ rule, cost }: CounterCheck, count: number, left: number, now: number): CounterVerdict {
  const most = rule.limit + rule.burst;
  if (count <= most) return { allowed: true, remaining: most - count, resetAt: now + left, retryAfterMs: 0 };
  if (cost > most) return { allowed: false, remaining: 0, resetAt: now + rule.periodMs, retryAfterMs: Infinity };
  return { allowed: false, remaining: 0, resetAt: now + left, retryAfterMs: Math.max(1, left) };
}
