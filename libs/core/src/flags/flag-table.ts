import type { EvaluationContext } from '../model/evaluation-context.js';
import type { FlagRecord } from '../schema/flag.js';
import type { SegmentRecord } from '../schema/segment.js';
import type { Clock } from '../model/time.js';
import { errorMessage } from '../native-errors/native-error.js';
import type { StateChange } from '../state/control-state.js';
import type { SegmentMembership } from './compiled-clause.js';
import { CompiledFlag, type FlagReferences, type PrerequisiteFlag } from './compiled-flag.js';
import { CompiledSegment } from './compiled-segment.js';
import { ErrorCode } from './flag-details.js';
import { Outcome } from './outcome.js';
import { nextDue } from './settle.js';
import type { Tallies } from './tally.js';

/** Counts evaluations, so that a slot knows whether it was asked in this one already. */
interface Pass {
  number: number;
}

/** A segment, whether it exists or not. What refers to it keeps the slot; a change replaces what is in it. */
class SegmentSlot implements SegmentMembership {
  #record: SegmentRecord | null = null;
  #compiled: SegmentMembership | null = null;
  #askedIn = 0;
  #answer = false;

  constructor(
    private readonly pass: Pass,
    private readonly segment: (key: string) => SegmentMembership,
  ) {}

  set(record: SegmentRecord | null): void {
    this.#record = record;
    this.#compiled = null;
  }

  /** Asked once in an evaluation, however many rules want to know. A segment that contains itself contains nobody by that. */
  contains(context: EvaluationContext): boolean {
    if (this.#record === null) return false;
    if (this.#askedIn === this.pass.number) return this.#answer;
    this.#askedIn = this.pass.number;
    this.#answer = false;
    this.#compiled ??= compileSegment(this.#record, this.segment);
    return (this.#answer = this.#compiled.contains(context));
  }
}

function compileSegment(record: SegmentRecord, segment: (key: string) => SegmentMembership): SegmentMembership {
  try {
    return new CompiledSegment(record, segment);
  } catch {
    return { contains: () => false };
  }
}

/** A flag as it holds for some time. */
type ResolvableFlag = Pick<CompiledFlag, 'holdsFrom' | 'holdsUntil' | 'resolve'>;

/** A flag, whether it exists or not; see {@link SegmentSlot}. */
class FlagSlot implements PrerequisiteFlag {
  #record: FlagRecord | null = null;
  #revision = 0;
  #compiled: ResolvableFlag | null = null;
  #askedIn = 0;
  #answer: Outcome | null = null;

  constructor(
    private readonly key: string,
    private readonly pass: Pass,
    private readonly clock: Clock,
    private readonly references: FlagReferences,
    private readonly tallies: Tallies,
  ) {}

  get exists(): boolean {
    return this.#record !== null;
  }

  get record(): FlagRecord | null {
    return this.#record;
  }

  set(record: FlagRecord | null, revision: number): void {
    this.#record = record;
    this.#revision = revision;
    this.#compiled = null;
  }

  /** As a prerequisite: asked once in an evaluation; a flag that depends on itself has no outcome. */
  outcome(context: EvaluationContext): Outcome | null {
    if (this.#record === null) return null;
    if (this.#askedIn === this.pass.number) return this.#answer;
    this.#askedIn = this.pass.number;
    this.#answer = null;
    return (this.#answer = this.current(this.#record).resolve(context));
  }

  /** The flag as it holds now. */
  current(record: FlagRecord): ResolvableFlag {
    let compiled = this.#compiled;
    if (compiled !== null && compiled.holdsUntil === Infinity && compiled.holdsFrom === -Infinity) return compiled;
    const now = this.clock();
    if (compiled === null || now < compiled.holdsFrom || now >= compiled.holdsUntil) {
      compiled = this.#compiled = this.#compile(record, now);
    }
    return compiled;
  }

  #compile(record: FlagRecord, now: number): ResolvableFlag {
    try {
      return new CompiledFlag(record, this.#revision, this.references, this.tallies, now);
    } catch (error) {
      return unreadable(this.key, this.#revision, this.tallies, error);
    }
  }
}

/** A record that no writer of ours made: callers get their default, and are told. */
function unreadable(key: string, revision: number, tallies: Tallies, error: unknown): ResolvableFlag {
  const outcome = new Outcome({
    flagKey: key,
    revision,
    tally: tallies(key, null),
    value: undefined,
    variation: null,
    reason: 'ERROR',
    openFeatureReason: 'ERROR',
    errorCode: ErrorCode.PARSE_ERROR,
    errorMessage: `The flag's definition cannot be read: ${errorMessage(error)}`,
  });
  return { holdsFrom: -Infinity, holdsUntil: Infinity, resolve: () => outcome };
}

function dueAt(flag: FlagRecord): number {
  try {
    return nextDue(flag);
  } catch {
    return Infinity;
  }
}

/**
 * Everything that evaluation reads, compiled from the snapshot on first use. A change drops what was compiled from the record it
 * touched and nothing else: flags and segments that refer to it hold its slot, and find the new definition there.
 */
export class FlagTable implements FlagReferences {
  readonly #flags = new Map<string, FlagSlot>();
  readonly #segments = new Map<string, SegmentSlot>();
  /** Flags that change by themselves some day. */
  readonly #timed = new Map<string, FlagRecord>();
  readonly #pass: Pass = { number: 1 };

  constructor(
    private readonly clock: Clock,
    private readonly tallies: Tallies,
  ) {}

  /** How a flag resolves for a context; `undefined` = there is none of this key. */
  resolve(key: string, context: EvaluationContext): Outcome | undefined {
    const slot = this.#flags.get(key);
    if (slot === undefined) return undefined;
    this.#pass.number++;
    return slot.outcome(context) ?? undefined;
  }

  /** Whether a segment contains the caller; one that does not exist contains nobody. */
  isMember(segment: string, context: EvaluationContext): boolean {
    this.#pass.number++;
    return this.#segments.get(segment)?.contains(context) ?? false;
  }

  has(key: string): boolean {
    return this.#flags.get(key)?.exists === true;
  }

  flag(key: string): FlagSlot {
    let slot = this.#flags.get(key);
    if (slot === undefined) {
      this.#flags.set(key, (slot = new FlagSlot(key, this.#pass, this.clock, this, this.tallies)));
    }
    return slot;
  }

  segment(key: string): SegmentSlot {
    let slot = this.#segments.get(key);
    if (slot === undefined) {
      this.#segments.set(key, (slot = new SegmentSlot(this.#pass, (other) => this.segment(other))));
    }
    return slot;
  }

  /** Flags that change by themselves some day, with when they do next. */
  *timed(): IterableIterator<{ readonly key: string; readonly at: number }> {
    for (const [key, record] of this.#timed) yield { key, at: dueAt(record) };
  }

  apply({ changes }: Pick<StateChange, 'changes'>): void {
    for (const change of changes) {
      if (change.kind === 'flag') {
        this.flag(change.key).set(change.value, change.revision);
        if (change.value !== null && dueAt(change.value) < Infinity) this.#timed.set(change.key, change.value);
        else this.#timed.delete(change.key);
      } else if (change.kind === 'segment') {
        this.segment(change.key).set(change.value);
      }
    }
  }
}
