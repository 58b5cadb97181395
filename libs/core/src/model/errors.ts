/** Base of every error Waygate throws on purpose. `code` is stable and safe to match on; the message says what to do next. */
export abstract class WaygateError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A value given by a caller is not acceptable. Nothing was changed. */
export class ValidationError extends WaygateError {
  readonly code = 'INVALID_VALUE';

  /**
   * @param field path of the offending value, e.g. `window.end` or `writes[3].key`
   * @param problem what is wrong with it and what would be right
   */
  constructor(
    readonly field: string,
    readonly problem: string,
  ) {
    super(`${field}: ${problem}`);
  }
}

/** A rate limit that cannot be read, e.g. `10/min`. */
export class InvalidLimitError extends WaygateError {
  readonly code = 'INVALID_LIMIT';

  constructor(readonly limit: string) {
    super(
      `Invalid rate limit string '${limit}'. Use the format '<count>/<granularity>', e.g. '100/minute'. ` +
        'Valid granularities: second, minute, hour, day, month, year (or their plurals).',
    );
  }
}

/** An option, an environment variable or a line of a `.waygate` file is wrong. Thrown at boot. */
export class ConfigurationError extends WaygateError {
  readonly code = 'INVALID_CONFIGURATION';
}

/** A state file that cannot be read: nothing is guessed from it, and the application does not start. Repair the line it names. */
export class StateFileError extends ConfigurationError {
  /** @param line both count from 1 */
  constructor(
    readonly path: string,
    readonly line: number,
    readonly column: number,
    readonly problem: string,
  ) {
    super(`${path}:${line}:${column}: ${problem}.`);
  }
}

/** Another process has the state file open. */
export class FileLockedError extends ConfigurationError {
  /** @param holder the process that has it; `self` = it is this one */
  constructor(
    readonly path: string,
    readonly holder: { readonly pid: number; readonly host: string; readonly startedAt: string; readonly self: boolean },
  ) {
    const { pid, host, startedAt, self } = holder;
    super(
      `The state file is in use by ${self ? 'this process, which opened it before' : `process ${pid} on ${host}, running since ${startedAt}`} ` +
        `(lock '${path}'). A file serves one process; stop the other, or use a backend that can be shared.`,
    );
  }
}

/** No registered route answers to the key. */
export class RouteNotFoundError extends WaygateError {
  readonly code = 'ROUTE_NOT_FOUND';

  constructor(
    readonly key: string,
    readonly similar: readonly string[] = [],
  ) {
    super(
      `Route '${key}' is not registered. Use 'waygate status' to see all registered routes.` +
        (similar.length > 0 ? ` Did you mean ${similar.map((other) => `'${other}'`).join(' or ')}?` : ''),
    );
  }
}

/** A bare path names several methods; the caller has to pick one of `matches`. */
export class AmbiguousRouteError extends WaygateError {
  readonly code = 'ROUTE_AMBIGUOUS';

  constructor(
    readonly key: string,
    readonly matches: readonly string[],
  ) {
    super(
      `Route '${key}' is ambiguous — matches: ${matches.join(', ')}. ` +
        'Specify the full method-prefixed key (e.g. GET:/payments).',
    );
  }
}

/** The route is declared `@ForceActive()`; only the code can change that. */
export class RouteProtectedError extends WaygateError {
  readonly code = 'ROUTE_PROTECTED';

  /** @param what it cannot */
  constructor(
    readonly key: string,
    what = 'have its state changed',
  ) {
    super(
      `Route '${key}' is decorated with @force_active and cannot ${what}. ` +
        "Remove the decorator first if you need to control this route's lifecycle.",
    );
  }
}

/** No webhook of that name or id. */
export class WebhookNotFoundError extends WaygateError {
  readonly code = 'WEBHOOK_NOT_FOUND';

  constructor(readonly key: string) {
    super(`There is no webhook '${key}'`);
  }
}

/** No such delivery: it never was, or it is settled long since and forgotten. */
export class DeliveryNotFoundError extends WaygateError {
  readonly code = 'DELIVERY_NOT_FOUND';

  constructor(readonly id: string) {
    super(
      `There is no webhook delivery '${id}'. Settled ones are kept for a while only; 'webhooks.deliveries()' shows what is there.`,
    );
  }
}

/** The record changed since the writer read it: somebody else was faster. Nothing was written. */
export class ConflictError extends WaygateError {
  readonly code = 'CONFLICT';

  /**
   * @param expected revision the writer had seen (0 = the record did not exist)
   * @param actual revision the record has now (0 = it does not exist)
   */
  constructor(
    readonly kind: string,
    readonly key: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(
      `The ${kind} '${key}' was changed by someone else: expected revision ${expected}, found ${actual}. Read it again and retry.`,
    );
  }
}

/** A change that expected another revision of its record. */
export interface ChangeConflict {
  /** Position in the list of changes, from 0. */
  readonly index: number;
  /** Kind of the change, e.g. `route.disable`. */
  readonly change: string;
  /** Kind and key of the record. */
  readonly kind: string;
  readonly key: string;
  /** Revision the writer had seen (0 = the record did not exist). */
  readonly expected: number;
  /** Revision the record has now (0 = it does not exist). */
  readonly actual: number;
  /** The last change to the record; `null` = the audit log does not have it. */
  readonly last: { readonly revision: number; readonly action: string; readonly actor: string; readonly at: string } | null;
}

/** Some of the records changed since the writer read them. Nothing was written, of none of the changes. */
export class ChangesConflictError extends ConflictError {
  /** @param conflicts all of them, in the order of the changes */
  constructor(readonly conflicts: readonly [ChangeConflict, ...ChangeConflict[]]) {
    const [{ kind, key, expected, actual }, ...others] = conflicts;
    super(kind, key, expected, actual);
    if (others.length > 0)
      this.message = `${conflicts.length} records were changed by someone else; nothing was changed. ${conflicts.map(describeConflict).join(' ')}`;
  }
}

function describeConflict({ index, kind, key, expected, actual }: ChangeConflict): string {
  return `changes[${index}]: the ${kind} '${key}' is at revision ${actual}, not ${expected}.`;
}

/** One change of a list cannot be made. Nothing was changed. `code` and `cause` say why. */
export class ChangeFailedError extends WaygateError {
  readonly code: string;
  /** Path of the change, or of the field that is wrong, e.g. `changes[2].rateLimit.limit`. */
  readonly at: string;

  /** @param index position in the list of changes, from 0 */
  constructor(
    readonly index: number,
    override readonly cause: WaygateError,
  ) {
    const at = `changes[${index}]${cause instanceof InvalidLimitError ? '.rateLimit.limit' : ''}`;
    super(`${at}: ${cause.message}`, { cause });
    this.at = at;
    this.code = cause.code;
  }
}

/** The audit log has no such revision, or not any more. */
export class RevisionNotFoundError extends WaygateError {
  readonly code = 'REVISION_NOT_FOUND';

  constructor(readonly revision: number) {
    super(`Revision ${revision} is not in the audit log (any more). 'waygate log' shows the revisions there are.`);
  }
}

/** A change cannot be taken back as the record was changed again since. Nothing was written. */
export class RevisionConflictError extends WaygateError {
  readonly code = 'REVISION_CONFLICT';

  /** @param later the first change after the revision; `null` = it is not in the log any more */
  constructor(
    readonly revision: number,
    readonly kind: string,
    readonly key: string,
    readonly later: { readonly revision: number; readonly actor: string; readonly action: string; readonly at: string } | null,
  ) {
    const by = later === null ? '' : ` by revision ${later.revision} (${later.action}, ${later.actor}, ${later.at})`;
    super(`Revision ${revision} cannot be taken back: the ${kind} '${key}' was changed since${by}. Look at it, then use force.`);
  }
}

/** There is no flag of this key. */
export class FlagNotFoundError extends WaygateError {
  readonly code = 'FLAG_NOT_FOUND';

  constructor(readonly key: string) {
    super(`Flag '${key}' not found`);
  }
}

/** There is no segment of this key. */
export class SegmentNotFoundError extends WaygateError {
  readonly code = 'SEGMENT_NOT_FOUND';

  constructor(readonly key: string) {
    super(`Segment '${key}' not found`);
  }
}

/** Something is to be created that is there already. Nothing was changed. */
export class AlreadyExistsError extends WaygateError {
  readonly code = 'ALREADY_EXISTS';

  /** @param kind `Flag`, `Segment` … */
  constructor(
    readonly kind: string,
    readonly key: string,
  ) {
    super(`${kind} '${key}' already exists. Save it to change it.`);
  }
}

/** Something is to be deleted that others cannot do without. Nothing was changed. */
export class InUseError extends WaygateError {
  readonly code = 'IN_USE';

  /** @param dependants what refers to it, e.g. `flag 'checkout'` */
  constructor(
    readonly kind: string,
    readonly key: string,
    readonly dependants: readonly string[],
  ) {
    super(`${kind} '${key}' is still used by ${dependants.join(', ')}. Change those first.`);
  }
}

/** The backend cannot be reached or refused to work. Decisions go on from the last snapshot; writes fail with this. */
export class BackendUnavailableError extends WaygateError {
  readonly code = 'BACKEND_UNAVAILABLE';
  /** Whether a change may have been made all the same: the backend was asked for it, and no answer came. Else nothing was changed. */
  readonly mayHaveChanged: boolean;

  constructor(
    message: string,
    { mayHaveChanged = false, ...options }: ErrorOptions & { readonly mayHaveChanged?: boolean } = {},
  ) {
    super(message, options);
    this.mayHaveChanged = mayHaveChanged;
  }
}

/**
 * The store lost state: it is empty, older than what this process knows, or of another history. Decisions continue from memory, and nothing
 * was changed. The state is restored automatically where that is possible; otherwise an operator accepts the store as it is.
 */
export class StateLostError extends BackendUnavailableError {}

/** Whoever keeps the state does not let this process make the change: it concerns others. Nothing was changed. */
export class ChangeRefusedError extends WaygateError {
  readonly code = 'CHANGE_REFUSED';
}

/** The engine was closed, or never opened. */
export class EngineClosedError extends WaygateError {
  readonly code = 'ENGINE_CLOSED';
}

/** The counter store does not answer, or not in time. What then holds is each limit's `onStoreError`. */
export class CounterStoreError extends WaygateError {
  readonly code = 'COUNTER_STORE_UNAVAILABLE';
}
