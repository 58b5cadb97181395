/** What `waygate` ends with. */
export const EXIT = { ok: 0, failure: 1, usage: 2, drift: 3, lagging: 4 } as const;

/** A failure told to the user as it is; the message says what to do next. */
export class CliFailure extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.failure,
    /** Further lines below the message. */
    readonly hints: readonly string[] = [],
  ) {
    super(message);
    this.name = 'CliFailure';
  }
}

/** Somebody was asked and said no: nothing was changed, and nothing failed. */
export class Declined extends Error {
  constructor() {
    super('Nothing was changed.');
    this.name = 'Declined';
  }
}

/** The command was not written as it must be. */
export class UsageFailure extends CliFailure {
  constructor(message: string, hints: readonly string[] = []) {
    super(message, EXIT.usage, hints);
    this.name = 'UsageFailure';
  }
}
