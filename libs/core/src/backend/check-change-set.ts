import { ValidationError } from '../model/errors.js';
import { type ChangeSet } from '../schema/record.js';
import { RECORD_KINDS } from '../model/vocabulary.js';

/**
 * What every backend checks before it writes: known kinds, usable keys, no record twice. Values are checked by their writers.
 * @throws {ValidationError}
 */
export function checkChangeSet({ writes }: ChangeSet): void {
  if (writes.length === 0) throw new ValidationError('writes', 'a change set without writes changes nothing; do not commit it');
  const seen = new Set<string>();
  writes.forEach(({ kind, key, expected }, index) => {
    if (!RECORD_KINDS.includes(kind))
      throw new ValidationError(`writes[${index}].kind`, `'${String(kind)}' is not a kind of record`);
    if (key.length === 0 || key.length > 1200)
      throw new ValidationError(`writes[${index}].key`, 'must have 1 to 1200 characters');
    if (!Number.isInteger(expected) || expected < 0)
      throw new ValidationError(`writes[${index}].expected`, 'must be a revision, or 0');
    const id = `${kind} ${key}`;
    if (seen.has(id)) throw new ValidationError(`writes[${index}]`, `writes the ${kind} '${key}' a second time`);
    seen.add(id);
  });
}
