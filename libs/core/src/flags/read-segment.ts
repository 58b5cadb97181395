import { ValidationError } from '../model/errors.js';
import type { Instant } from '../model/time.js';
import { fieldName, read } from '../schema/check.js';
import { segmentInput, segmentMisfit, type SegmentRecord } from '../schema/segment.js';

/**
 * Checks a whole segment and fills in what is left out.
 * @throws {ValidationError} naming the field
 */
export function readSegment(value: unknown, before: SegmentRecord | null, now: Instant): SegmentRecord {
  const input = read(segmentInput, value, '');
  const segment: SegmentRecord = { ...input, name: input.name ?? input.key, createdAt: before?.createdAt ?? now, updatedAt: now };
  const misfit = segmentMisfit(segment);
  if (misfit !== null) throw new ValidationError(fieldName(misfit.path), misfit.problem);
  return segment;
}
