/**
 * Decides and counts all checks of a request at once. The laws are those of the counters in memory (`@waygate/core`, `rate-limit/`), by the
 * clock of Redis. Every key gets a time to live with every write. What lies in the future was written before that clock leapt back: it
 * counts as of now, for good, so that nobody is locked out for longer than a period.
 *
 * KEYS: two a check: its numbers, and for moving windows its log.
 * ARGV: six a check: algorithm (f, s, m, t), limit, burst, period in ms, cost, and how long who goes over is blocked, in ms (0 = not
 * beyond what the law says). While somebody is blocked, "blocked" stands in place of their numbers.
 * Returns a flat list, four a verdict, up to the first that refuses: allowed (1, 0), remaining, reset in epoch ms, retry in ms (-1 = never).
 */
export const CONSUME_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local checks = #KEYS / 2
local out = {}
local charges = {}

local function int(value) return string.format('%.0f', value) end
local function give(allowed, remaining, resetAt, retry)
  out[#out + 1] = allowed and '1' or '0'
  out[#out + 1] = int(math.max(0, remaining))
  out[#out + 1] = int(resetAt)
  out[#out + 1] = int(retry)
  return allowed
end

-- Least whole ms after which the weighted sum is below a level.
local function wait(level, last, current, elapsed, period)
  local left = period - elapsed
  if last * left / period + current < level then return 0 end
  if current < level then return math.min(left, math.floor(left - (level - current) * period / last) + 1) end
  return left + math.floor(period - level * period / current) + 1
end

local laws = {}

function laws.f(key, log, limit, burst, period, cost)
  local most = limit + burst
  local count = tonumber(redis.call('GET', key) or '0')
  local left = count > 0 and redis.call('PTTL', key) or -1
  if left <= 0 then count = 0; left = period
  elseif left > period then
    redis.call('PEXPIRE', key, period)
    left = period
  end
  local after = count + cost
  local function charge()
    if cost == 0 then return end
    if count == 0 then redis.call('SET', key, int(after), 'PX', period) else redis.call('SET', key, int(after), 'PX', left) end
  end
  if after <= most then return true, most - after, now + left, 0, charge, true end
  return false, 0, cost > most and now + period or now + left, cost > most and -1 or left, charge, true
end

function laws.t(key, log, limit, burst, period, cost)
  local most = limit + burst
  if limit == 0 then return false, 0, now + period, -1 end
  local perToken = period / limit
  local stored = redis.call('GET', key)
  local untilFull = 0
  if stored then
    local was, at = string.match(stored, '([^|]+)|([^|]+)')
    if tonumber(at) > now then
      untilFull = tonumber(was)
      redis.call('SET', key, string.format('%.6f|%.0f', untilFull, now), 'PX', math.max(1, math.ceil(untilFull)))
    else
      untilFull = math.max(0, tonumber(was) - (now - tonumber(at)))
    end
  end
  local function tokens(rest) return math.floor(most - rest / perToken + 1e-9) end
  if cost > most then return false, tokens(untilFull), now + period, -1 end
  local after = untilFull + cost * perToken
  local late = after - most * perToken
  if late > 1e-6 then return false, tokens(untilFull), math.ceil(now + untilFull), math.max(1, math.ceil(late - 1e-6)) end
  return true, tokens(after), math.ceil(now + after), 0, function()
    if cost > 0 then redis.call('SET', key, string.format('%.6f|%.0f', after, now), 'PX', math.max(1, math.ceil(after))) end
  end
end

function laws.s(key, log, limit, burst, period, cost)
  local most = limit + burst
  local index = math.floor(now / period)
  local elapsed = now - index * period
  local current, last = 0, 0
  local stored = redis.call('GET', key)
  if stored then
    local was, c, l = string.match(stored, '(%d+)|(%d+)|(%d+)')
    was = tonumber(was)
    if was > index then redis.call('SET', key, string.format('%.0f|%s|%s', index, c, l), 'PX', 2 * period) end
    if was >= index then current = tonumber(c); last = tonumber(l) elseif was == index - 1 then last = tonumber(c) end
  end
  local weighted = math.floor(last * (period - elapsed) / period + current)
  if cost > most then return false, most - weighted, now + period, -1 end
  if weighted + cost > most then
    local retry = math.max(1, wait(most - cost + 1, last, current, elapsed, period))
    return false, most - weighted, now + wait(1, last, current, elapsed, period), retry
  end
  return true, most - weighted - cost, now + wait(1, last, current + cost, elapsed, period), 0, function()
    if cost > 0 then redis.call('SET', key, string.format('%.0f|%.0f|%.0f', index, current + cost, last), 'PX', 2 * period) end
  end
end

-- The log is a list of "ms:cost", oldest first; the numbers are the sum of its costs.
function laws.m(key, log, limit, burst, period, cost)
  local most = limit + burst
  local used = tonumber(redis.call('GET', key) or '0')
  local changed = false
  local place = -1
  while used > 0 do
    local entry = redis.call('LINDEX', log, place)
    local t, c = string.match(entry or '0:0', '(%d+):(%d+)')
    if tonumber(t) <= now then break end
    redis.call('LSET', log, place, string.format('%.0f:%s', now, c))
    place = place - 1
  end
  if place < -1 then
    redis.call('PEXPIRE', log, period)
    changed = true
  end
  while used > 0 do
    local oldest = redis.call('LINDEX', log, 0)
    if not oldest then used = 0; break end
    local at, c = string.match(oldest, '(%d+):(%d+)')
    if tonumber(at) > now - period then break end
    redis.call('LPOP', log)
    used = used - tonumber(c)
    changed = true
  end
  if changed then redis.call('SET', key, int(used), 'PX', period) end
  if cost > most then return false, most - used, now + period, -1 end
  local newest = redis.call('LINDEX', log, -1)
  local latest = newest and tonumber(string.match(newest, '(%d+):')) or now
  if used + cost > most then
    local excess, freed, i = used + cost - most, 0, 0
    local at = now
    while freed < excess do
      local entry = redis.call('LINDEX', log, i)
      if not entry then break end
      local t, c = string.match(entry, '(%d+):(%d+)')
      freed = freed + tonumber(c)
      at = tonumber(t)
      i = i + 1
    end
    return false, most - used, latest + period, math.max(1, at + period - now)
  end
  local resetAt = cost > 0 and now + period or (used == 0 and now or latest + period)
  return true, most - used - cost, resetAt, 0, function()
    if cost == 0 then return end
    redis.call('RPUSH', log, string.format('%.0f:%.0f', now, cost))
    redis.call('PEXPIRE', log, period)
    redis.call('SET', key, int(used + cost), 'PX', period)
  end
end

local function blocked(key, block)
  if block == 0 or redis.call('GET', key) ~= 'blocked' then return nil end
  local left = redis.call('PTTL', key)
  if left > block then
    redis.call('PEXPIRE', key, block)
    left = block
  end
  return math.max(1, left)
end

local refused = false
for i = 1, checks do
  local a = (i - 1) * 6
  local law = ARGV[a + 1]
  local key, log, cost, block = KEYS[i * 2 - 1], KEYS[i * 2], tonumber(ARGV[a + 5]), tonumber(ARGV[a + 6])
  local allowed, remaining, resetAt, retry, charge, always
  local left = blocked(key, block)
  if left then
    allowed, remaining, resetAt, retry = false, 0, now + left, left
  else
    allowed, remaining, resetAt, retry, charge, always =
      laws[law](key, log, tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4]), cost)
    if not allowed and block > 0 and cost > 0 then
      redis.call('SET', key, 'blocked', 'PX', block)
      redis.call('DEL', log)
      remaining, resetAt, retry, charge = 0, now + block, block, nil
    end
  end
  charges[i] = { charge, always }
  if not give(allowed, remaining, resetAt, retry) then refused = true; break end
end
for i = 1, #charges do
  local charge, always = charges[i][1], charges[i][2]
  if charge and (always or not refused) then charge() end
end
return out
`;
