/** How an evaluation came about; the steps are for people to read and may grow. */
export interface FlagExplanation {
  readonly flag_key?: string;
  readonly value?: unknown;
  readonly variation?: string | null;
  readonly reason?: string;
  readonly steps?: readonly Readonly<Record<string, unknown>>[];
  readonly [more: string]: unknown;
}

export interface StaleFlag {
  readonly key: string;
  readonly reason: string;
  readonly [more: string]: unknown;
}
