import { list, object, orNull, partly, text, time, whole, type Schema } from './schema.js';

const auditEntry = {
  id: text,
  timestamp: time,
  path: text,
  service: orNull(text),
  action: text,
  actor: text,
  platform: text,
  reason: text,
  previous_status: orNull(text),
  new_status: orNull(text),
  revision: whole,
};

/** What an SDK says about an entry and the server cannot verify. */
const claimed = object({ actor: text, platform: text, timestamp: time });

export const AUDIT_SCHEMAS = {
  AuditEntry: { ...object(auditEntry), properties: { ...auditEntry, claimed } },
  Revisions: object({
    revisions: {
      type: 'array',
      items: {
        ...object({ ...auditEntry, kind: text, key: text, before: {}, after: {} }),
        properties: { ...auditEntry, claimed, kind: text, key: text, before: {}, after: {} },
      },
    },
    next: orNull(text),
  }),
  RevisionDiff: object({
    from: whole,
    to: whole,
    complete: { type: 'boolean', description: '`false` = the log no longer reaches back to the earlier revision.' },
    records: {
      type: 'array',
      items: object({
        kind: text,
        key: text,
        path: text,
        before: {},
        after: {},
        differences: {
          type: 'array',
          items: { type: 'object', properties: { path: text, before: {}, after: {} }, required: ['path'] },
        },
        entries: list('AuditEntry'),
      }),
    },
  }),
  Reverted: object({ reverted: whole, revision: whole }),
  AuditEntryInput: partly(
    {
      id: text,
      timestamp: { type: 'string', description: 'ISO 8601; without an offset in UTC.' },
      path: { type: 'string', description: 'A registered route of the service.' },
      action: { type: 'string', enum: ['enable', 'disable', 'maintenance_on', 'env_gate', 'clear'] },
      actor: text,
      platform: text,
      reason: text,
      previous_status: orNull(text),
      new_status: orNull(text),
    },
    'id',
    'timestamp',
    'path',
    'action',
  ),
} satisfies Record<string, Schema>;
