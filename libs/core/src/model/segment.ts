/** Being built. */
export interface SegmentRecord {
  readonly key: string;
}
