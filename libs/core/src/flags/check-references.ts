import { isDeepStrictEqual } from 'node:util';
import type { RuleClause } from '../schema/clause.js';
import { InUseError, ValidationError } from '../model/errors.js';
import type { FlagRecord } from '../schema/flag.js';
import type { RecordWrite } from '../schema/record.js';
import type { SegmentRecord } from '../schema/segment.js';
import type { Snapshot } from '../state/snapshot.js';

/** How many flags may stand behind each other as prerequisites. */
const MAX_DEPTH = 10;

/**
 * What a flag refers to must exist, and must not lead back to it; what refers to the flag must find what it names.
 * @throws {ValidationError} naming the field
 */
function checkFlagReferences(flag: FlagRecord, snapshot: Snapshot, before: Snapshot): void {
  checkVariationsStillNeeded(flag, snapshot, before);
  flag.prerequisites.forEach(({ flagKey, variation }, index) => {
    const other = snapshot.get('flag', flagKey)?.value;
    const at = `prerequisites[${index}]`;
    if (other === undefined) throw new ValidationError(`${at}.flagKey`, `there is no flag '${flagKey}'`);
    if (!other.variations.some(({ name }) => name === variation)) {
      throw new ValidationError(`${at}.variation`, `'${variation}' does not match any variation name of the flag '${flagKey}'`);
    }
    checkPrerequisitePath(flag.key, flagKey, snapshot, at);
  });
  flag.rules.forEach(({ clauses }, index) => checkSegmentsExist(clauses, snapshot, `rules[${index}].clauses`));
  flag.scheduledChanges.forEach((change, index) => {
    if (change.action !== 'add_rule') return;
    checkSegmentsExist(change.payload.clauses, snapshot, `scheduledChanges[${index}].payload.clauses`);
  });
}

/** @throws {ValidationError} when a segment refers to one that does not exist, or to itself over any number of steps */
function checkSegmentReferences(segment: SegmentRecord, snapshot: Snapshot): void {
  segment.rules.forEach(({ clauses }, index) => {
    const field = `rules[${index}].clauses`;
    clauses.forEach((clause, at) => {
      if (segmentsOf([clause]).includes(segment.key)) {
        throw new ValidationError(`${field}[${at}].values`, 'a segment cannot contain itself');
      }
    });
    checkSegmentsExist(clauses, snapshot, field);
    clauses.forEach((clause, at) => {
      for (const key of segmentsOf([clause])) {
        const path = pathTo(segment.key, key, (other) =>
          segmentsOf(snapshot.get('segment', other)?.value.rules.flatMap((rule) => rule.clauses) ?? []),
        );
        if (path !== null) {
          throw new ValidationError(
            `${field}[${at}].values`,
            `leads back to this segment: ${[...path, segment.key].join(' → ')}`,
          );
        }
      }
    });
  });
}

/**
 * What a write leaves behind must not refer to what does not exist then, and nothing may refer to what it removes. A flag whose references
 * stay as they were is not checked again, so that it can always be switched off.
 * @param after the state that all changes of the same commit leave
 * @throws {InUseError | ValidationError}
 */
export function checkReferences({ kind, key, value }: RecordWrite, after: Snapshot, before: Snapshot): void {
  if (kind !== 'flag' && kind !== 'segment') return;
  if (value === null) {
    const dependants = kind === 'flag' ? dependantsOfFlag(key, after) : dependantsOfSegment(key, after);
    if (dependants.length > 0) throw new InUseError(kind === 'flag' ? 'Flag' : 'Segment', key, dependants);
  } else if (kind === 'segment') {
    if (!isDeepStrictEqual(before.get('segment', key)?.value.rules, value.rules)) checkSegmentReferences(value, after);
  } else if (!hasSameReferences(before.get('flag', key)?.value, value)) checkFlagReferences(value, after, before);
}

function hasSameReferences(before: FlagRecord | undefined, after: FlagRecord): boolean {
  return (['variations', 'prerequisites', 'rules', 'scheduledChanges'] as const).every((member) =>
    isDeepStrictEqual(before?.[member], after[member]),
  );
}

/** Flags that cannot do without a flag. */
function dependantsOfFlag(key: string, snapshot: Snapshot): readonly string[] {
  return [...snapshot.list('flag')]
    .filter(({ value }) => prerequisitesOf(value).includes(key))
    .map((record) => `flag '${record.key}'`)
    .toSorted();
}

/** Flags and segments whose rules name a segment. */
function dependantsOfSegment(key: string, snapshot: Snapshot): readonly string[] {
  const flags = [...snapshot.list('flag')]
    .filter(({ value }) => segmentsOfFlag(value).includes(key))
    .map((record) => `flag '${record.key}'`);
  const segments = [...snapshot.list('segment')]
    .filter(({ value }) => segmentsOfSegment(value).includes(key))
    .map((record) => `segment '${record.key}'`);
  return [...flags, ...segments].toSorted();
}

/** Keys of the segments that a flag's rules name, planned rules included. */
export function segmentsOfFlag(flag: FlagRecord): readonly string[] {
  return segmentsOf(clausesOf(flag));
}

/** Keys of the segments that a segment's rules name. */
export function segmentsOfSegment({ rules }: SegmentRecord): readonly string[] {
  return segmentsOf(rules.flatMap(({ clauses }) => clauses));
}

/** Keys of a flag's prerequisites. */
export function prerequisitesOf({ prerequisites }: FlagRecord): readonly string[] {
  return prerequisites.map(({ flagKey }) => flagKey);
}

function clausesOf(flag: FlagRecord): readonly RuleClause[] {
  const scheduled = flag.scheduledChanges.flatMap((change) => (change.action === 'add_rule' ? change.payload.clauses : []));
  return [...flag.rules.flatMap(({ clauses }) => clauses), ...scheduled];
}

function segmentsOf(clauses: readonly RuleClause[]): readonly string[] {
  return clauses
    .filter(({ operator }) => operator === 'in_segment' || operator === 'not_in_segment')
    .flatMap(({ values }) => values.filter((value) => typeof value === 'string'));
}

/** Only a variation that goes away can be missed by anybody, so that an ordinary change looks at no other flag. */
function checkVariationsStillNeeded(flag: FlagRecord, snapshot: Snapshot, before: Snapshot): void {
  const names = new Set(flag.variations.map(({ name }) => name));
  const gone = before.get('flag', flag.key)?.value.variations.filter(({ name }) => !names.has(name)) ?? [];
  if (gone.length === 0) return;
  for (const { key, value } of snapshot.list('flag')) {
    const needed = value.prerequisites.find(({ flagKey }) => flagKey === flag.key)?.variation;
    if (needed !== undefined && !names.has(needed)) {
      throw new ValidationError('variations', `the flag '${key}' has '${needed}' as its prerequisite; change that flag first`);
    }
  }
}

function checkSegmentsExist(clauses: readonly RuleClause[], snapshot: Snapshot, field: string): void {
  clauses.forEach((clause, index) => {
    segmentsOf([clause]).forEach((key, at) => {
      if (snapshot.get('segment', key) === undefined) {
        throw new ValidationError(`${field}[${index}].values[${at}]`, `there is no segment '${key}'`);
      }
    });
  });
}

function checkPrerequisitePath(own: string, first: string, snapshot: Snapshot, field: string): void {
  const next = (key: string) => snapshot.get('flag', key)?.value.prerequisites.map(({ flagKey }) => flagKey) ?? [];
  const path = pathTo(own, first, next);
  if (path !== null) throw new ValidationError(`${field}.flagKey`, `leads back to this flag: ${[...path, own].join(' → ')}`);
  if (depthOf(first, next, new Map()) >= MAX_DEPTH) {
    throw new ValidationError(`${field}.flagKey`, `at most ${MAX_DEPTH} flags can stand behind each other as prerequisites`);
  }
}

/** The way from `first` to `target`, without the target; `null` = there is none. */
function pathTo(target: string, first: string, next: (key: string) => readonly string[]): readonly string[] | null {
  const seen = new Set<string>();
  const walk = (key: string): string[] | null => {
    if (key === target) return [];
    if (seen.has(key)) return null;
    seen.add(key);
    for (const other of next(key)) {
      const rest = walk(other);
      if (rest !== null) return [key, ...rest];
    }
    return null;
  };
  return walk(first);
}

function depthOf(key: string, next: (key: string) => readonly string[], known: Map<string, number>): number {
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  known.set(key, 0);
  const depth = 1 + Math.max(0, ...next(key).map((other) => depthOf(other, next, known)));
  known.set(key, depth);
  return depth;
}
