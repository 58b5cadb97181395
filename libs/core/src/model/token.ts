/** Being built. */
export interface TokenRecord {
  readonly key: string;
}

/** Being built. */
export interface RevocationRecord {
  readonly key: string;
}
