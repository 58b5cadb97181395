import * as v from 'valibot';
import { amount, bool, object, text } from './fields.js';

// What other processes send in bulk (`/api/sdk/*`): the shape of one item. What the items say is checked against the records they are about.

/** A record to write, as another process sends it. Its value is checked by the schema of its kind. */
export const incomingWrite = object({ kind: text(64), key: text(1_200), expected: amount, value: v.optional(v.unknown()) });

/** An audit entry that comes with a commit; the server knows the record before and after. */
export const incomingEntry = object({
  id: v.pipe(text(64), v.minLength(1, 'must not be empty')),
  at: text(64),
  kind: text(64),
  key: text(1_200),
  action: v.pipe(text(64), v.regex(/^[a-z_]+$/, 'must be the name of an action')),
  service: v.nullable(text(128)),
  actor: text(),
  platform: text(32),
  reason: text(2_000),
});

/** A refused request, as another process reports it. */
export const incomingHit = object({
  id: text(64),
  at: text(64),
  route: text(1_200),
  method: text(16),
  caller: text(1_024),
  policy: text(),
  limit: text(),
  tier: v.nullable(text(64)),
  resetAt: text(64),
  shadow: bool,
});

export type IncomingWrite = v.InferOutput<typeof incomingWrite>;
export type IncomingEntry = v.InferOutput<typeof incomingEntry>;
export type IncomingHit = v.InferOutput<typeof incomingHit>;
