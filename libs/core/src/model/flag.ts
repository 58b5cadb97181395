/** Being built. */
export interface FlagRecord {
  readonly key: string;
}
