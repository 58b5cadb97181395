import type { CounterRule } from '@waygate/core';

/** What a rule is in the scripts, written once. */
export interface RuleArguments {
  /** What a counter's key begins with; the caller and a brace end it. */
  readonly key: string;
  /** What a window takes in all. */
  readonly most: string;
  /** In ms. */
  readonly period: string;
  readonly general: readonly [law: string, limit: string, burst: string, period: string];
  /** How long who goes over is blocked, in ms; 0 = not beyond what the law says. */
  readonly block: string;
}

const LETTERS = { fixed_window: 'f', sliding_window: 's', moving_window: 'm', token_bucket: 't' } as const;

/** What rules are in the scripts, and which keys they count under. */
export class ScriptRules {
  readonly #known = new WeakMap<CounterRule, RuleArguments>();

  /** @param prefix begins every key */
  constructor(private readonly prefix: string) {}

  of(rule: CounterRule): RuleArguments {
    let values = this.#known.get(rule);
    if (values === undefined) {
      const { algorithm, limit, burst, periodMs, blockMs = 0, id } = rule;
      const period = String(periodMs);
      values = {
        key: `${this.prefix}:rl:{${id}:`,
        most: String(limit + burst),
        period,
        general: [LETTERS[algorithm], String(limit), String(burst), period],
        block: String(blockMs),
      };
      this.#known.set(rule, values);
    }
    return values;
  }

  /** The tag keeps a limit's two keys in one slot of a Cluster. A tag in the prefix comes first and keeps all of them there. */
  keyOf(rule: CounterRule, caller: string): string {
    return `${this.of(rule).key}${caller}}`;
  }
}
