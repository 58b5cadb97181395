import { scriptOf } from '../connection/script.js';

/**
 * Gives the store an identity if it has none: it is new, or was flushed.
 *
 * KEYS: state, changes. ARGV: the epoch it gets then. Returns epoch, revision, head.
 */
export const FOUND = scriptOf(`
local call = redis.call
if call('HEXISTS', KEYS[1], 'epoch') == 0 then
  call('HSET', KEYS[1], 'epoch', ARGV[1], 'revision', '0', 'head', ARGV[1])
  call('DEL', KEYS[2])
end
return call('HMGET', KEYS[1], 'epoch', 'revision', 'head')
`);

/**
 * Gives the store another identity, unless another process did so already.
 *
 * KEYS: state, lineage. ARGV: the epoch it has, the one it gets, the lineage it gets as JSON.
 */
export const RENEW = scriptOf(`
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[1] then
  redis.call('SET', KEYS[2], ARGV[3])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[2])
end
return 1
`);

/**
 * One commit: all of it or nothing. The first command that writes is one that Redis refuses when it is out of memory, a replica, or cannot
 * save; so nothing is half done.
 *
 * KEYS: state, changes, audit.
 * ARGV: epoch, revision and head that the writer knows; id of the commit; 1 if it may have been written by an earlier call; length of the
 * stream; capacity of the audit log; number of writes; three a write: field, expected revision, JSON or nothing to delete it; then the
 * audit entries as JSON.
 * Returns ok and the revision; conflict, index of the write and its actual revision; moved: what the writer knows is no part of the
 * history of this store; unknown: the stream does not reach back far enough to tell whether the earlier call wrote it.
 */
export const COMMIT = scriptOf(`
local call = redis.call
local state, changes, audit = KEYS[1], KEYS[2], KEYS[3]
local epoch, since, known, id, again, length, capacity, writes = unpack(ARGV, 1, 8)
since = tonumber(since)
writes = tonumber(writes)
local store = call('HMGET', state, 'epoch', 'revision', 'head')
local revision = tonumber(store[2] or 0)

local function name(at) return string.format('%.0f-0', at) end

if again == '1' then
  local top = revision
  while top > since do
    local entries = call('XREVRANGE', changes, name(top), name(since + 1), 'COUNT', 100)
    for _, entry in ipairs(entries) do
      if entry[2][2] == id then return { 'ok', tonumber(string.match(entry[1], '^%d+')) } end
    end
    if #entries < math.min(100, top - since) then return { 'unknown' } end
    top = top - #entries
  end
end

local function continues()
  if store[1] ~= epoch or revision < since then return false end
  if revision == since then return store[3] == known end
  local entry = call('XRANGE', changes, name(since), '+', 'COUNT', 1)[1]
  if not entry then return false end
  if entry[1] == name(since) then return entry[2][2] == known end
  return entry[1] == name(since + 1) and entry[2][4] == known
end
if not continues() then return { 'moved' } end

for first = 0, writes - 1, 1000 do
  local last = math.min(first + 999, writes - 1)
  local fields = {}
  for i = first, last do fields[#fields + 1] = ARGV[9 + i * 3] end
  local found = call('HMGET', state, unpack(fields))
  for i = first, last do
    local record = found[i - first + 1]
    local actual = record and string.match(record, '^%d+') or '0'
    if actual ~= ARGV[10 + i * 3] then return { 'conflict', i, tonumber(actual) } end
  end
end

revision = revision + 1
local number = string.format('%.0f', revision)
local told, sets, gone = {}, {}, {}
for i = 0, writes - 1 do
  local field, value = ARGV[9 + i * 3], ARGV[11 + i * 3]
  if value == '' then
    gone[#gone + 1] = field
    told[i + 1] = cjson.encode(field) .. ',null'
  else
    sets[#sets + 1] = field
    sets[#sets + 1] = number .. ' ' .. value
    told[i + 1] = cjson.encode(field) .. ',' .. value
  end
end
local entries = {}
for i = 9 + writes * 3, #ARGV do entries[#entries + 1] = ARGV[i] end

call('XADD', changes, 'MAXLEN', '~', length, name(revision),
  'id', id, 'after', store[3], 'changes', '[' .. table.concat(told, ',') .. ']', 'audit', '[' .. table.concat(entries, ',') .. ']')
for _, entry in ipairs(entries) do call('XADD', audit, 'MAXLEN', capacity, '*', 'revision', number, 'entry', entry) end
for first = 1, #sets, 1000 do call('HSET', state, unpack(sets, first, math.min(first + 999, #sets))) end
for first = 1, #gone, 1000 do call('HDEL', state, unpack(gone, first, math.min(first + 999, #gone))) end
call('HSET', state, 'revision', number, 'head', id)
return { 'ok', revision }
`);

/**
 * Offers to restore a store that lost state.
 *
 * KEYS: offers. ARGV: the epoch of that store; a number that is greater the more the process knows.
 * Returns for how long there have been offers, in ms, and the greatest number.
 */
export const OFFER = scriptOf(`
local call = redis.call
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local offers = call('HMGET', KEYS[1], 'epoch', 'since', 'rank')
local since, rank = tonumber(offers[2]), tonumber(offers[3])
if offers[1] ~= ARGV[1] then since, rank = now, -1 end
if tonumber(ARGV[2]) > rank then rank = tonumber(ARGV[2]) end
call('HSET', KEYS[1], 'epoch', ARGV[1], 'since', string.format('%.0f', since), 'rank', string.format('%.0f', rank))
call('PEXPIRE', KEYS[1], 60000)
return { now - since, string.format('%.0f', rank) }
`);

/**
 * Replaces a store that lost state, if it is still as it was found. The first command that writes is one that Redis refuses when it is out
 * of memory, a replica, or cannot save.
 *
 * KEYS: state, changes, audit, lineage, offers. ARGV: epoch and revision that were found; the epoch, revision, head, and lineage it gets;
 * capacity of the audit log; the audit entry; then field and value of each record.
 * Returns 1 if it was replaced.
 */
export const RESTORE = scriptOf(`
local call = redis.call
local found = call('HMGET', KEYS[1], 'epoch', 'revision')
if found[1] ~= ARGV[1] or found[2] ~= ARGV[2] then return 0 end
call('SET', KEYS[4], ARGV[6])
call('DEL', KEYS[1], KEYS[2], KEYS[5])
for first = 9, #ARGV, 2000 do call('HSET', KEYS[1], unpack(ARGV, first, math.min(first + 1999, #ARGV))) end
call('HSET', KEYS[1], 'epoch', ARGV[3], 'revision', ARGV[4], 'head', ARGV[5])
call('XADD', KEYS[3], 'MAXLEN', ARGV[7], '*', 'revision', ARGV[4], 'entry', ARGV[8])
return 1
`);

/**
 * Gives the store an identity that every process believes.
 *
 * KEYS: state, audit, lineage. ARGV: epoch, head, and lineage it gets; capacity of the audit log; the audit entry.
 */
export const ACCEPT = scriptOf(`
local call = redis.call
call('SET', KEYS[3], ARGV[3])
local revision = string.format('%.0f', tonumber(call('HGET', KEYS[1], 'revision') or 0) + 1)
call('HSET', KEYS[1], 'epoch', ARGV[1], 'revision', revision, 'head', ARGV[2])
call('XADD', KEYS[2], 'MAXLEN', ARGV[4], '*', 'revision', revision, 'entry', ARGV[5])
return 1
`);

/** Epoch ms. KEYS: state, so that a Cluster asks the node that has it. */
export const NOW = scriptOf(`
local time = redis.call('TIME')
return string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
`);

/** Keeps refused requests. KEYS: hits. ARGV: capacity; the hits as JSON, oldest first. */
export const APPEND_HITS = scriptOf(`
for i = 2, #ARGV do redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[1], '*', 'hit', ARGV[i]) end
return 1
`);
