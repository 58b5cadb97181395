import type { RecordedAuditEntry } from '@waygate/core';
import { auditEntryWire, type AuditEntryWire } from './audit-entry-wire.js';

/** How the audit log is written out. */
export type ExportFormat = 'jsonl' | 'csv';

const COLUMNS: readonly Exclude<keyof AuditEntryWire, 'claimed'>[] = [
  'revision',
  'timestamp',
  'path',
  'service',
  'action',
  'actor',
  'platform',
  'reason',
  'previous_status',
  'new_status',
  'id',
];

export function contentTypeOf(format: ExportFormat): string {
  return format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8';
}

/** Text of an export, piece by piece. */
export async function* exported(entries: AsyncIterable<RecordedAuditEntry>, format: ExportFormat): AsyncIterableIterator<string> {
  if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
  for await (const entry of entries) {
    const wire = auditEntryWire(entry);
    yield format === 'csv' ? `${COLUMNS.map((column) => cell(wire[column])).join(',')}\r\n` : `${JSON.stringify(wire)}\n`;
  }
}

/** RFC 4180; what a spreadsheet would take for a formula is made text. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  const harmless = typeof value === 'string' && /^\s*[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
