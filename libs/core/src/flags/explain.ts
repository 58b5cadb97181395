import type { ClauseOperator } from '../schema/clause.js';
import { FlagNotFoundError } from '../model/errors.js';
import type { ContextValue, EvaluationContext } from '../model/evaluation-context.js';
import { TOTAL_WEIGHT, type Bucketing, type FlagRecord, type RolloutVariation, type TargetingRule } from '../schema/flag.js';
import type { JsonValue } from '../model/json.js';
import type { Instant } from '../model/time.js';
import type { Snapshot } from '../state/snapshot.js';
import { bucketOf } from './bucket.js';
import { attributeReader, compileClause, kindOf } from './compiled-clause.js';
import type { FlagDetails, FlagReason } from './flag-details.js';
import type { FlagTable } from './flag-table.js';
import { progressiveShares, settle } from './settle.js';

/** A clause and what it saw. */
export interface ExplainedClause {
  readonly attribute: string;
  readonly operator: ClauseOperator;
  readonly values: readonly JsonValue[];
  readonly negate: boolean;
  /** What the context says; `undefined` = nothing. For the segment operators, the targeting key. */
  readonly saw: ContextValue;
  readonly holds: boolean;
  /** For the segment operators: whether the caller belongs to each of the segments. */
  readonly segments?: readonly { readonly key: string; readonly exists: boolean; readonly contains: boolean }[];
}

/** A share of a rollout: the buckets from `from` up to but not including `to`. */
export interface ExplainedShare extends RolloutVariation {
  readonly from: number;
  readonly to: number;
  readonly chosen: boolean;
}

/** One step of an evaluation. The last one decided. */
export type ExplainedStep =
  | { readonly step: 'archived' }
  | { readonly step: 'switch'; readonly enabled: boolean; readonly switchBackAt: Instant | null }
  | {
      readonly step: 'prerequisite';
      readonly flagKey: string;
      readonly wanted: string;
      /** What the other flag resolved to; `null` = there is no such flag, or it gave no variation. */
      readonly got: string | null;
      readonly gotReason: FlagReason | null;
      readonly holds: boolean;
    }
  | { readonly step: 'targets'; readonly targetingKey: string | null; readonly variation: string | null }
  | {
      readonly step: 'rule';
      readonly ruleId: string;
      readonly description: string;
      readonly clauses: readonly ExplainedClause[];
      readonly holds: boolean;
    }
  | { readonly step: 'variation'; readonly of: 'off' | 'rule' | 'fallthrough'; readonly variation: string }
  | {
      readonly step: 'rollout';
      readonly of: 'rule' | 'fallthrough';
      /** The weights come from a progressive rollout, as it stands now. */
      readonly progressive: boolean;
      /** Attribute whose value was hashed; `key` = the targeting key. */
      readonly bucketBy: string;
      /** What was hashed; `null` = the context lacks the attribute. */
      readonly hashed: string | null;
      /** 0 to 99 999. */
      readonly bucket: number | null;
      readonly shares: readonly ExplainedShare[];
    };

/** How a flag resolves for a context, step by step. */
export interface FlagExplanation {
  readonly flagKey: string;
  readonly details: FlagDetails;
  readonly steps: readonly ExplainedStep[];
}

/** @throws {FlagNotFoundError} */
export function explainFlag(
  key: string,
  context: EvaluationContext,
  snapshot: Snapshot,
  table: FlagTable,
  now: number,
): FlagExplanation {
  const stored = snapshot.get('flag', key)?.value;
  const outcome = table.resolve(key, context);
  if (stored === undefined || outcome === undefined) throw new FlagNotFoundError(key);
  const steps = [...new Explanation(settle(stored, now), context, snapshot, table, now).steps()];
  return { flagKey: key, details: outcome.details(null), steps };
}

class Explanation {
  constructor(
    private readonly flag: FlagRecord,
    private readonly context: EvaluationContext,
    private readonly snapshot: Snapshot,
    private readonly table: FlagTable,
    private readonly now: number,
  ) {}

  *steps(): Generator<ExplainedStep, void, undefined> {
    const { flag, context } = this;
    if (flag.status === 'archived') return yield { step: 'archived' };
    yield { step: 'switch', enabled: flag.enabled, switchBackAt: flag.switchBackAt };
    if (!flag.enabled) return yield { step: 'variation', of: 'off', variation: flag.offVariation };
    for (const prerequisite of flag.prerequisites) {
      const step = this.#prerequisite(prerequisite.flagKey, prerequisite.variation);
      yield step;
      if (!step.holds) return yield { step: 'variation', of: 'off', variation: flag.offVariation };
    }
    const targeted = Object.entries(flag.targets).find(([, keys]) => keys.includes(context.targetingKey ?? '\0'));
    const targetingKey = context.targetingKey ?? null;
    if (Object.keys(flag.targets).length > 0) yield { step: 'targets', targetingKey, variation: targeted?.[0] ?? null };
    if (targeted !== undefined) return;
    for (const rule of flag.rules) {
      const clauses = rule.clauses.map((clause) => this.#clause(clause));
      const holds = clauses.every((clause) => clause.holds);
      yield { step: 'rule', ruleId: rule.id, description: rule.description, clauses, holds };
      if (holds) return yield this.#ruleServes(rule);
    }
    yield this.#fallthroughServes();
  }

  #prerequisite(flagKey: string, wanted: string) {
    const outcome = this.table.resolve(flagKey, this.context);
    const got = outcome?.variation ?? null;
    const holds = outcome !== undefined && got === wanted && outcome.reason !== 'OFF';
    return { step: 'prerequisite', flagKey, wanted, got, gotReason: outcome?.reason ?? null, holds } as const;
  }

  #clause({ attribute, operator, values, negate }: TargetingRule['clauses'][number]): ExplainedClause {
    const holds = compileClause({ attribute, operator, values, negate }, (key) => this.#membership(key))(this.context);
    if (operator !== 'in_segment' && operator !== 'not_in_segment') {
      return { attribute, operator, values, negate, saw: attributeReader(attribute)(this.context), holds };
    }
    const segments = values
      .filter((value) => typeof value === 'string')
      .map((key) => ({
        key,
        exists: this.snapshot.get('segment', key) !== undefined,
        contains: this.#membership(key).contains(this.context),
      }));
    return { attribute, operator, values, negate, saw: this.context.targetingKey, holds, segments };
  }

  #membership(key: string) {
    return { contains: (context: EvaluationContext) => this.table.isMember(key, context) };
  }

  #ruleServes(rule: TargetingRule): ExplainedStep {
    const progressive = this.flag.progressiveRollout;
    if (progressive !== null && progressive.ruleId === rule.id) {
      return this.#rollout('rule', progressiveShares(progressive, this.now), progressive.bucketing, true);
    }
    if (rule.variation !== null) return { step: 'variation', of: 'rule', variation: rule.variation };
    if (rule.rollout !== null && rule.rollout.length > 0) return this.#rollout('rule', rule.rollout, rule.bucketing, false);
    return this.#fallthroughServes();
  }

  #fallthroughServes(): ExplainedStep {
    const { fallthrough, fallthroughBucketing, progressiveRollout: progressive } = this.flag;
    if (progressive !== null && progressive.ruleId === null) {
      return this.#rollout('fallthrough', progressiveShares(progressive, this.now), progressive.bucketing, true);
    }
    if (typeof fallthrough === 'string') return { step: 'variation', of: 'fallthrough', variation: fallthrough };
    return this.#rollout('fallthrough', fallthrough, fallthroughBucketing, false);
  }

  #rollout(
    of: 'rule' | 'fallthrough',
    weights: readonly RolloutVariation[],
    bucketing: Bucketing | null,
    progressive: boolean,
  ): ExplainedStep {
    const by = bucketing?.bucketBy ?? null;
    const subject = by === null ? this.context.targetingKey : attributeReader(by)(this.context);
    const known = typeof subject === 'string' || typeof subject === 'number';
    const hashed = known ? `${bucketing?.salt ?? this.flag.key}:${kindOf(this.context)}:${subject}` : null;
    const bucket = hashed === null ? null : bucketOf(hashed);
    let from = 0;
    const shares = weights.map(({ variation, weight }) => {
      const to = from + weight;
      // Who gets everybody need not know who they are.
      const chosen = weight >= TOTAL_WEIGHT || (bucket !== null && bucket >= from && bucket < to);
      const share = { variation, weight, from, to, chosen };
      from = to;
      return share;
    });
    return { step: 'rollout', of, progressive, bucketBy: by ?? 'key', hashed, bucket, shares };
  }
}
