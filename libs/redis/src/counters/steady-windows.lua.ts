/** Limits a request may have for a script of its own; one with more takes the script for any number. */
export const MOST_STEADY_CHECKS = 8;

/**
 * Fixed windows whose ends the caller knows already, each charged 1: what nearly every request is. Written out for one number of checks,
 * since a loop, and reading what is not needed, take as long as the counting.
 *
 * KEYS: one a check. ARGV: the periods in ms, `period/period/…`, then the most of each check.
 * Returns the counts up to the first check that refuses, and behind that one's the ms until its window ends as a number that is not
 * positive; a single count that does not refuse stands alone. A count of 1 is a window that opened with this request.
 */
export function steadyWindowsScript(checks: number): string {
  const counts = Array.from({ length: checks }, (_, i) => `c${i + 1}`);
  return [
    'local call, keys, given = redis.call, KEYS, ARGV',
    ...counts.map((count, i) => steadyCheck(count, i, counts.slice(0, i + 1).join(', '))),
    checks === 1 ? 'return c1' : `return {${counts.join(', ')}}`,
  ].join('\n');
}

function steadyCheck(count: string, index: number, counted: string): string {
  const key = `keys[${index + 1}]`;
  const period = `string.match(given[1], '^${'%d+/'.repeat(index)}(%d+)')`;
  return `local ${count} = call('INCR', ${key})
if ${count} == 1 then call('PEXPIRE', ${key}, ${period}) end
if ${count} > given[${index + 2}] + 0 then
  local period = ${period}
  local left = call('PTTL', ${key})
  if left < 0 or left > period + 0 then call('PEXPIRE', ${key}, period) left = period end
  return {${counted}, -left}
end`;
}
