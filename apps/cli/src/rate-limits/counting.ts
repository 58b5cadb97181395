import type { Input } from '../program/input.js';

/** How to count, as far as the options say. */
export function countingOf(input: Input) {
  const algorithm = input.option('algorithm');
  const key = input.option('key');
  const mode = input.option('mode');
  const onMissing = input.option('onMissingKey');
  return {
    burst: input.number('burst', 0),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(key === undefined ? {} : { key_strategy: key }),
    ...(mode === undefined ? {} : { mode }),
    ...(onMissing === undefined ? {} : { on_missing_key: onMissing }),
  };
}
