import type { StoredRecord } from '../../schema/record.js';
import type { RecordKind } from '../../model/vocabulary.js';

/** Where something stands in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text that was read: what it says, and where it says it. */
export interface ParsedText {
  readonly root: unknown;
  /** Where the member at `path` begins, or the innermost one around it that can be found. */
  where(path: readonly string[]): Position;
}

/** How the state is written down: one implementation a file extension. */
export interface StateFormat {
  /** @throws {TextProblem} at the first thing that cannot be read */
  parse(text: string): ParsedText;
  /** A record as it stands in the file. Depends on nothing but the record, so that it is made once. */
  fragment(record: StoredRecord): string;
  /** The whole file; `sections` come in order, none empty. */
  compose(revision: number, sections: readonly StateSection[]): string;
}

export interface StateSection {
  readonly kind: RecordKind;
  readonly fragments: readonly string[];
}

/** What is wrong with a text, and where. */
export class TextProblem extends Error {
  constructor(
    message: string,
    readonly position: Position,
  ) {
    super(message);
  }
}

/** Version of the layout below, in all formats. */
export const FORMAT_VERSION = 1;

/** First line where comments exist. */
export const HEADING = '# State of Waygate. Edit it only while the application is down; it is checked at the next start.';

/** The position of an offset in a text. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
