import { randomUUID } from 'node:crypto';
import type { Instant } from '../model/time.js';
import type { SegmentRecord, SegmentRule } from '../model/segment.js';
import { readClauses, type ClauseInput } from './read-clause.js';
import { checkUnique, readKey, readList, readMembers, readName, readObject, readText } from './read-input.js';

export interface SegmentRuleInput {
  /** Default: made up. */
  readonly id?: string;
  readonly description?: string;
  readonly clauses?: readonly ClauseInput[];
}

/** A segment as callers write it. */
export interface SegmentInput {
  readonly key: string;
  /** Default: the key. */
  readonly name?: string;
  readonly description?: string;
  /** Targeting keys; at most 200 000. */
  readonly included?: readonly string[];
  readonly excluded?: readonly string[];
  readonly rules?: readonly SegmentRuleInput[];
  readonly tags?: readonly string[];
}

export const MAX_MEMBERS = 200_000;
const MAX_RULES = 200;
const MAX_TAGS = 50;
const TAKEN_KEYS = ['new'];

/** @throws {ValidationError} naming the field */
export function readSegment(value: unknown, before: SegmentRecord | null, now: Instant): SegmentRecord {
  const input = readObject(value, 'segment');
  const key = readKey(input['key'], 'key', TAKEN_KEYS);
  return {
    key,
    name: readText(input['name'], 'name', { fallback: key }),
    description: readText(input['description'], 'description', { fallback: '', max: 2_000 }),
    included: readMembers(input['included'], 'included', MAX_MEMBERS),
    excluded: readMembers(input['excluded'], 'excluded', MAX_MEMBERS),
    rules: readSegmentRules(input['rules'], 'rules'),
    tags: readTags(input['tags']),
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
}

/** @throws {ValidationError} */
export function readTags(value: unknown): readonly string[] {
  return [...new Set(readList(value, 'tags', MAX_TAGS, readName))];
}

function readSegmentRules(value: unknown, field: string): readonly SegmentRule[] {
  const rules = readList(value, field, MAX_RULES, (entry, at) => {
    const input = readObject(entry, at);
    return {
      id: input['id'] === undefined ? randomUUID() : readName(input['id'], `${at}.id`),
      description: readText(input['description'], `${at}.description`, { fallback: '', max: 2_000 }),
      clauses: readClauses(input['clauses'], `${at}.clauses`),
    };
  });
  checkUnique(
    rules.map(({ id }) => id),
    (index) => `${field}[${index}].id`,
  );
  return rules;
}
