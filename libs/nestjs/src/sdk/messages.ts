export const COUNTS_ALONE =
  'Each replica counts requests for rate limits alone: with n replicas a limit lets up to n times as much through. ' +
  "Give 'counterStore: new RedisCounterStore(...)' to share the counts.";
