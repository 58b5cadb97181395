/** Times are told apart from here on, ms. */
const FIRST_MS = 0.25;
/** Two buckets for each doubling. */
const PER_DOUBLING = 2;
/** The last one takes what is longer than about a minute. */
export const BUCKETS = 37;

/** The bucket a time belongs to. */
export function bucketOf(ms: number): number {
  if (!(ms > FIRST_MS)) return 0;
  const bucket = Math.ceil(PER_DOUBLING * Math.log2(ms / FIRST_MS));
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/** The time below which a share of all times lies, ms; within a factor of 1.42. `null` = there are none. */
export function quantile(counts: ArrayLike<number>, share: number): number | null {
  let total = 0;
  for (let i = 0; i < BUCKETS; i++) total += counts[i] ?? 0;
  if (total === 0) return null;
  let missing = total * share;
  for (let i = 0; i < BUCKETS; i++) {
    const count = counts[i] ?? 0;
    if (count > 0 && missing <= count) return between(i, missing / count);
    missing -= count;
  }
  return boundOf(BUCKETS - 1);
}

/** As if the times in a bucket lay evenly in it. */
function between(bucket: number, share: number): number {
  const lower = bucket === 0 ? 0 : boundOf(bucket - 1);
  const ms = lower + (boundOf(bucket) - lower) * share;
  return Math.round(ms * 1_000) / 1_000;
}

/** The longest time that belongs to a bucket. */
function boundOf(bucket: number): number {
  return FIRST_MS * 2 ** (bucket / PER_DOUBLING);
}
