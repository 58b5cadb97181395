import type { EvaluationContext } from '../model/evaluation-context.js';
import {
  TOTAL_WEIGHT,
  type Bucketing,
  type FlagRecord,
  type FlagValue,
  type RolloutVariation,
  type TargetingRule,
} from '../schema/flag.js';
import { attributeReader, compileClause, kindOf, type CompiledClause, type SegmentMembership } from './compiled-clause.js';
import { allHold } from './compiled-segment.js';
import { bucketOf } from './bucket.js';
import { ErrorCode, type FlagReason } from './flag-details.js';
import { Outcome } from './outcome.js';
import { nextDue, progressiveShares, settle } from './settle.js';
import type { Tallies } from './tally.js';

/** Another flag, as a prerequisite needs it. */
export interface PrerequisiteFlag {
  /** How it resolves for the context; `null` = there is no such flag, or it depends on the one that asks. */
  outcome(context: EvaluationContext): Outcome | null;
}

/** What a flag refers to, found by key when it is compiled and asked when it is evaluated: it may change meanwhile. */
export interface FlagReferences {
  flag(key: string): PrerequisiteFlag;
  segment(key: string): SegmentMembership;
}

/** What a flag serves at the end of a path through it: one outcome, or one of several by weight. */
interface Serving {
  serve(context: EvaluationContext): Outcome;
}

interface CompiledPrerequisite {
  readonly flag: PrerequisiteFlag;
  readonly variation: string;
  readonly failed: Outcome;
}

/** Rules by column: what does not match is left after one look at its first clause, and its other parts are never fetched. */
interface CompiledRules {
  readonly firsts: readonly CompiledClause[];
  /** The clauses after the first; `null` = there are none. */
  readonly rests: readonly (readonly CompiledClause[] | null)[];
  readonly servings: readonly Serving[];
}

const NO_RULES: CompiledRules = { firsts: [], rests: [], servings: [] };
const ALWAYS: CompiledClause = () => true;

/** What holds along the way of an outcome. */
interface Path {
  readonly reason: FlagReason;
  readonly rule?: TargetingRule;
}

/** A flag, prepared: what it depends on is looked up, sets are built, and every way it can end is made ready to be given out. */
export class CompiledFlag {
  /** Epoch ms from and until which this form of the flag holds. */
  readonly holdsFrom: number;
  readonly holdsUntil: number;
  /** Given whatever the context says; `null` = it depends. */
  readonly #constant: Outcome | null;
  readonly #prerequisites: readonly CompiledPrerequisite[] = [];
  readonly #targets: ReadonlyMap<string, Outcome> | null = null;
  readonly #rules: CompiledRules = NO_RULES;
  readonly #fallthrough: Serving;

  constructor(
    stored: FlagRecord,
    private readonly revision: number,
    private readonly references: FlagReferences,
    private readonly tallies: Tallies,
    now: number,
  ) {
    const flag = settle(stored, now);
    this.holdsUntil = nextDue(flag);
    this.holdsFrom = flag === stored ? -Infinity : Date.parse(flag.updatedAt);
    const values = new Map(flag.variations.map(({ name, value }) => [name, frozen(value)]));
    const make = (path: Path, variation: string, more: { split?: boolean; prerequisiteKey?: string } = {}) =>
      this.#outcome(flag, values, path, variation, more);
    if (flag.status === 'archived') {
      this.#constant = this.#withoutValue(flag, { reason: 'DEFAULT', openFeatureReason: 'DEFAULT' });
    } else {
      this.#constant = flag.enabled ? null : make({ reason: 'OFF' }, flag.offVariation);
    }
    this.#fallthrough = this.#constant ?? this.#compileFallthrough(flag, make, now);
    if (this.#constant !== null) return;
    this.#prerequisites = flag.prerequisites.map(({ flagKey, variation }) => ({
      flag: references.flag(flagKey),
      variation,
      failed: make({ reason: 'PREREQUISITE_FAIL' }, flag.offVariation, { prerequisiteKey: flagKey }),
    }));
    this.#targets = compileTargets(flag, (variation) => make({ reason: 'TARGET_MATCH' }, variation));
    const clauses = flag.rules.map((rule) =>
      rule.clauses.map((clause) => compileClause(clause, (key) => references.segment(key))),
    );
    this.#rules = {
      firsts: clauses.map(([first]) => first ?? ALWAYS),
      rests: clauses.map((all) => (all.length > 1 ? all.slice(1) : null)),
      servings: flag.rules.map((rule) => this.#compileRule(flag, rule, make, now)),
    };
  }

  /** How the flag resolves for a context: prerequisites, targets, rules, fallthrough. */
  resolve(context: EvaluationContext): Outcome {
    if (this.#constant !== null) return this.#constant;
    for (const { flag, variation, failed } of this.#prerequisites) {
      const outcome = flag.outcome(context);
      if (outcome === null || outcome.variation !== variation || outcome.reason === 'OFF') return failed;
    }
    if (this.#targets !== null && context.targetingKey !== undefined) {
      const targeted = this.#targets.get(context.targetingKey);
      if (targeted !== undefined) return targeted;
    }
    return this.#matching(context).serve(context);
  }

  #matching(context: EvaluationContext): Serving {
    const { firsts, rests, servings } = this.#rules;
    for (let i = 0; i < firsts.length; i++) {
      if (firsts[i]?.(context) !== true) continue;
      const rest = rests[i];
      if (rest == null || allHold(rest, context)) return servings[i] ?? this.#fallthrough;
    }
    return this.#fallthrough;
  }

  #compileRule(flag: FlagRecord, rule: TargetingRule, make: OutcomeMaker, now: number): Serving {
    const path: Path = { reason: 'RULE_MATCH', rule };
    const { progressiveRollout: progressive } = flag;
    if (progressive !== null && progressive.ruleId === rule.id) {
      return this.#compileShares(flag, progressiveShares(progressive, now), progressive.bucketing, path, make);
    }
    if (rule.variation !== null) return make(path, rule.variation);
    if (rule.rollout !== null && rule.rollout.length > 0) {
      return this.#compileShares(flag, rule.rollout, rule.bucketing, path, make);
    }
    return this.#compileFallthrough(flag, make, now, path);
  }

  #compileFallthrough(flag: FlagRecord, make: OutcomeMaker, now: number, path: Path = { reason: 'FALLTHROUGH' }): Serving {
    const { fallthrough, fallthroughBucketing, progressiveRollout: progressive } = flag;
    if (progressive !== null && progressive.ruleId === null) {
      return this.#compileShares(flag, progressiveShares(progressive, now), progressive.bucketing, path, make);
    }
    if (typeof fallthrough === 'string') return make(path, fallthrough);
    return this.#compileShares(flag, fallthrough, fallthroughBucketing, path, make);
  }

  #compileShares(
    flag: FlagRecord,
    shares: readonly RolloutVariation[],
    bucketing: Bucketing | null,
    path: Path,
    make: OutcomeMaker,
  ): Serving {
    const [first] = shares;
    if (first === undefined) {
      return this.#error(flag, path, ErrorCode.PARSE_ERROR, 'the rollout has no variations');
    }
    const all = shares.find(({ weight }) => weight >= TOTAL_WEIGHT);
    if (all !== undefined) return make(path, all.variation, { split: true });
    const by = bucketing?.bucketBy ?? null;
    const missing = by === null ? 'the context has no targeting key' : `the context has no attribute '${by}'`;
    return new Split(
      `${bucketing?.salt ?? flag.key}:`,
      by === null ? null : attributeReader(by),
      shares.map(({ weight }) => weight),
      shares.map(({ variation }) => make(path, variation, { split: true })),
      this.#error(flag, path, ErrorCode.TARGETING_KEY_MISSING, `${missing}, which the rollout divides callers by`),
    );
  }

  #outcome(
    flag: FlagRecord,
    values: ReadonlyMap<string, FlagValue>,
    path: Path,
    variation: string,
    { split = false, prerequisiteKey }: { split?: boolean; prerequisiteKey?: string },
  ): Outcome {
    const value = values.get(variation);
    if (value === undefined) {
      return this.#error(flag, path, ErrorCode.PARSE_ERROR, `the flag has no variation '${variation}'`);
    }
    return new Outcome({
      flagKey: flag.key,
      revision: this.revision,
      tally: this.tallies(flag.key, variation),
      value,
      variation,
      reason: path.reason,
      openFeatureReason: split ? 'SPLIT' : openFeatureReason(path.reason, flag),
      ...ofRule(path.rule),
      ...(prerequisiteKey === undefined ? {} : { prerequisiteKey }),
    });
  }

  #error(flag: FlagRecord, { rule }: Path, errorCode: ErrorCode, errorMessage: string): Outcome {
    return this.#withoutValue(flag, {
      reason: 'ERROR',
      openFeatureReason: 'ERROR',
      errorCode,
      errorMessage,
      ...ofRule(rule),
    });
  }

  #withoutValue(
    flag: FlagRecord,
    draft: Pick<
      ConstructorParameters<typeof Outcome>[0],
      'reason' | 'openFeatureReason' | 'errorCode' | 'errorMessage' | 'ruleId' | 'trackEvents'
    >,
  ): Outcome {
    const tally = this.tallies(flag.key, null);
    return new Outcome({ flagKey: flag.key, revision: this.revision, tally, value: undefined, variation: null, ...draft });
  }
}

type OutcomeMaker = (path: Path, variation: string, more?: { split?: boolean; prerequisiteKey?: string }) => Outcome;

/** Several outcomes by weight: each caller always gets the same one. */
class Split implements Serving {
  /** The first bucket beyond each share. */
  readonly #ends: readonly number[];

  constructor(
    private readonly prefix: string,
    private readonly read: ((context: EvaluationContext) => unknown) | null,
    weights: readonly number[],
    private readonly outcomes: readonly Outcome[],
    private readonly missing: Outcome,
  ) {
    let end = 0;
    this.#ends = weights.map((weight) => (end += weight));
  }

  serve(context: EvaluationContext): Outcome {
    const subject = this.read === null ? context.targetingKey : this.read(context);
    const text = typeof subject === 'string' ? subject : typeof subject === 'number' ? String(subject) : null;
    if (text === null) return this.missing;
    const bucket = bucketOf(`${this.prefix}${kindOf(context)}:${text}`);
    const ends = this.#ends;
    let index = 0;
    // Weights that do not add up leave the rest to the last share.
    while (index < ends.length - 1 && bucket >= (ends[index] ?? 0)) index++;
    return this.outcomes[index] ?? this.missing;
  }
}

/** Targeting keys by what they get; the first variation that lists a key has it. */
function compileTargets({ targets }: FlagRecord, make: (variation: string) => Outcome): ReadonlyMap<string, Outcome> | null {
  const compiled = new Map<string, Outcome>();
  for (const [variation, keys] of Object.entries(targets)) {
    if (keys.length === 0) continue;
    const outcome = make(variation);
    for (const key of keys) if (!compiled.has(key)) compiled.set(key, outcome);
  }
  return compiled.size === 0 ? null : compiled;
}

function ofRule(rule: TargetingRule | undefined): { ruleId?: string; trackEvents?: boolean } {
  return rule === undefined ? {} : { ruleId: rule.id, trackEvents: rule.trackEvents };
}

function openFeatureReason(reason: FlagReason, flag: FlagRecord): 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'DISABLED' {
  switch (reason) {
    case 'OFF':
    case 'PREREQUISITE_FAIL':
      return 'DISABLED';
    case 'TARGET_MATCH':
    case 'RULE_MATCH':
      return 'TARGETING_MATCH';
    default:
      return servesEverybodyTheSame(flag) ? 'STATIC' : 'DEFAULT';
  }
}

/** Whether nothing about the caller decides what an enabled flag serves. */
export function servesEverybodyTheSame(flag: FlagRecord): boolean {
  return (
    flag.prerequisites.length === 0 &&
    flag.rules.length === 0 &&
    flag.progressiveRollout === null &&
    typeof flag.fallthrough === 'string' &&
    Object.values(flag.targets).every((keys) => keys.length === 0)
  );
}

/** The value itself, made unchangeable: everybody who evaluates gets the same object. */
function frozen(value: FlagValue): FlagValue {
  if (typeof value !== 'object' || Object.isFrozen(value)) return value;
  for (const part of Object.values<FlagValue | null>(value)) if (part !== null) frozen(part);
  return Object.freeze(value);
}
