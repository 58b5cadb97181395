import type { RecordedAuditEntry } from '../schema/audit.js';

const COLUMNS = [
  'revision',
  'at',
  'action',
  'kind',
  'key',
  'service',
  'actor',
  'platform',
  'reason',
  'before',
  'after',
  'id',
] as const satisfies readonly (keyof RecordedAuditEntry)[];

export const CSV_HEAD = `${COLUMNS.join(',')}\r\n`;

export function auditJsonLine(entry: RecordedAuditEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

export function auditCsv(entry: RecordedAuditEntry): string {
  return `${COLUMNS.map((column) => cell(entry[column])).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
