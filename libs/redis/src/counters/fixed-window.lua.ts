/**
 * Fixed windows alone, which is what most limits are: that law charges every limit up to the one that refuses, so one pass does, and what
 * the counts mean is worked out by the caller.
 *
 * KEYS: one a check. ARGV: three a check: limit + burst, period in ms, cost.
 * Returns a flat list, two a check, up to the first that refuses: the count after the request, and ms until the window ends.
 */
export const FIXED_WINDOW_SCRIPT = `
local out = {}
for i = 1, #KEYS do
  local a = (i - 1) * 3
  local most, period, cost = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  local count, left
  if cost == 0 then
    count = tonumber(redis.call('GET', KEYS[i]) or '0')
    left = count > 0 and redis.call('PTTL', KEYS[i]) or period
  else
    count = redis.call('INCRBY', KEYS[i], cost)
    if count == cost then
      redis.call('PEXPIRE', KEYS[i], period)
      left = period
    else
      left = redis.call('PTTL', KEYS[i])
    end
  end
  out[i * 2 - 1] = count
  out[i * 2] = left
  if count > most then break end
end
return out
`;
