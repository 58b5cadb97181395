import {
  CHANGE_KINDS,
  flagInput,
  fromWire,
  progressiveRolloutInput,
  rateLimitInput,
  scheduledChangeInput,
  segmentInput,
  segmentRule,
  type AppliedChanges,
  type Change,
  type ChangePreview,
} from '@waygate/core';
import { badRequest } from '../http/answer-error.js';
import { isObject } from '../http/body.js';
import { conflictWire } from '../http/conflict-wire.js';
import { effectiveWire } from '../routes/effective-wire.js';

type Fields = Readonly<Record<string, unknown>>;

/** How the objects inside a change are called on the wire and here. Their fields are checked when the change is planned. */
const NESTED: Readonly<Record<string, (value: Fields) => unknown>> = {
  flag: (value) => fromWire(flagInput, value),
  planned: (value) => fromWire(scheduledChangeInput, value),
  segment: (value) => fromWire(segmentInput, value),
  rule: (value) => fromWire(segmentRule, value),
  rollout: (value) => fromWire(progressiveRolloutInput, value),
  rateLimit: (value) => fromWire(rateLimitInput, value),
  window: ({ recurrence, ...edges }) => ({
    ...edges,
    ...(recurrence === undefined ? {} : { recurrence: isObject(recurrence) ? renamed(recurrence) : recurrence }),
  }),
  recurrence: renamed,
};

/**
 * A change in the engine's words. What it says is checked by the engine, which names the field that is wrong.
 * @throws {AnswerError} 400 for what is no change at all, and for members in the engine's spelling
 */
export function changeFromWire(value: unknown, index: number): Change {
  if (!isObject(value)) throw badRequest(`changes[${index}]: must be an object`);
  const { kind } = value;
  if (typeof kind !== 'string' || !CHANGE_KINDS.includes(kind))
    throw badRequest(
      `changes[${index}].kind: ${typeof kind === 'string' ? `'${kind.slice(0, 64)}'` : 'this'} is not a kind of change`,
    );
  const camel = Object.keys(value).find((name) => /[A-Z]/.test(name));
  if (camel !== undefined) throw badRequest(`changes[${index}].${camel}: is not known here. Use '${snakeCase(camel)}'`);
  const nested: typeof NESTED = kind === 'flag.update' ? { ...NESTED, patch: (patch) => fromWire(flagInput, patch) } : NESTED;
  const members = Object.entries(renamed(value))
    // Answers say `null` where something does not end; so may requests.
    .filter(([name, member]) => member !== null || !name.startsWith('expires'))
    .map(([name, member]) => [name, isObject(member) ? (nested[name]?.(member) ?? member) : member]);
  return Object.fromEntries(members) as Change;
}

export function appliedWire({ revision, changed }: AppliedChanges): object {
  return { revision, changed };
}

export function previewWire({ revision, records, handlers, conflicts, warnings }: ChangePreview): object {
  return {
    revision,
    records,
    handlers: handlers.map(({ key, before, after }) => ({ key, before: effectiveWire(before), after: effectiveWire(after) })),
    conflicts: conflicts.map(conflictWire),
    warnings,
  };
}

function renamed(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [camelCase(name), value]));
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
