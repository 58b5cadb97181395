/** Being built. */
export interface EdgeRecord {
  readonly key: string;
}
