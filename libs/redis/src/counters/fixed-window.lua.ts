/**
 * Fixed windows alone, which is what most limits are: that law charges every limit up to the one that refuses, so one pass does, and what
 * the counts mean is worked out by the caller. Short on purpose: what travels is what a request waits for.
 *
 * KEYS: one a check. ARGV: one a check, `most/period/cost`, with the period in ms and a cost of at least 1; a `?` behind it asks when the
 * window ends.
 * Returns a flat list up to the first check that refuses: the count after the request, and behind it, where it was asked for, is new or
 * refuses, the ms until the window ends as a number that is not positive. A window that seems to last longer than a period was opened
 * before the clock of Redis leapt back, and ends in one.
 */
export const FIXED_WINDOW_SCRIPT = `
local call = redis.call
local out = {}
local n = 0
for i = 1, #KEYS do
  local key = KEYS[i]
  local most, period, cost, ask = string.match(ARGV[i], '(%d+)/(%d+)/(%d+)(.*)')
  local count = call('INCRBY', key, cost)
  local over = count > most + 0
  n = n + 1
  out[n] = count
  if count == cost + 0 then
    call('PEXPIRE', key, period)
    n = n + 1
    out[n] = -period
  elseif over or ask ~= '' then
    local left = call('PTTL', key)
    if left < 0 or left > period + 0 then call('PEXPIRE', key, period) left = period end
    n = n + 1
    out[n] = -left
  end
  if over then break end
end
return out
`;
