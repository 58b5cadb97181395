import type { Type } from '@nestjs/common';
import type { AnswerName } from '../schemas/answers.js';

/** What the document says about an endpoint beside what its handler says itself. */
export interface Operation {
  readonly tag: string;
  readonly summary: string;
  /** The class that checks it, or the name of what it is. */
  readonly body?: Type<object> | AnswerName;
  /** The body may be missing: then it counts as `{}`. */
  readonly lenient?: boolean;
  readonly answer?: AnswerName;
  readonly list?: boolean;
  /** Default 200. */
  readonly status?: number;
  readonly query?: readonly string[];
  /** Default `application/json`. */
  readonly type?: string;
  /** What 400 and 404 look like. Default `Error`. */
  readonly failure?: AnswerName;
  /** `If-None-Match` with the `ETag` of an answer brings 304 while it is the same. */
  readonly cached?: boolean;
  /** Answers of other statuses, by status. */
  readonly others?: Readonly<Record<number, AnswerName>>;
}

/** Operations by method and path below the mount. */
export type Operations = Readonly<Record<string, Operation>>;
export type Untagged = Omit<Operation, 'tag'>;

/** Operations that stand under one heading. */
export function tagged(tag: string, operations: Readonly<Record<string, Untagged>>): Operations {
  return Object.fromEntries(Object.entries(operations).map(([endpoint, operation]) => [endpoint, { tag, ...operation }]));
}

/** Query parameters of lists that come in pages. */
export const PAGE = ['limit', 'cursor'];
