import { luaGuard } from '../../redis/guard.ts';
import { luaLayoutField } from '../../redis/layout.ts';
import { script } from '../../redis/script.ts';
import { luaGroups } from './group.ts';
import { luaOrder } from './order.ts';
import { luaRange } from './range.ts';
import { luaBookFields, rewoundField } from './settle.ts';

/**
 * Gives one route's position, what it has not answered for, and its books on one list to another name. Redis cannot rename a
 * group, so another one is made at the same position, gets what was leased, and the old one is destroyed.
 *
 * A new name without a group gets the old one's group and books as they are. One that has a group keeps its own, and gets
 * what the old one had not answered for and it has never had: what was claimed before its own count began.
 *
 * KEYS  1 manifest  2 state  3 ledger
 * ARGV  1 old name  2 new name  3 who holds what is given (nobody)  4 its idle milliseconds: whoever comes takes it
 *       5 a new name that has a group of its own may get more (1)  6 milliseconds ago: when the new name counts as seen
 * Reply {`nothing`, `moved`, `merged` or `both`, ranges given, records of those, ranges the new name has had already};
 *       `both`: nothing was done, for it may not
 */
export const renameScript = script(`${luaGuard}${luaOrder}${luaRange}${luaGroups}
local manifest, state, ledger = KEYS[1], KEYS[2], KEYS[3]
checkLayout(state)
local old, new, owner, idle = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local time = redis.call('TIME')
local seen = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[6])
local groups = {}
if read('EXISTS', manifest) == 1 then
  for _, info in ipairs(groupsOf(manifest)) do groups[info['name']] = info end
end

-- The old name's fields of the ledger, without its name. Another route's name may begin like it.
local isOutcome, books = {['from'] = true}, {}
for _, outcome in ipairs(${luaBookFields}) do isOutcome[outcome] = true end
for _, field in ipairs(read('HKEYS', ledger)) do
  local name = string.sub(field, 1, #old + 1) == old .. '|' and string.sub(field, #old + 2)
  if name and (isOutcome[name] or string.match(name, '^shed|%d+%-%d+$')) then
    books[#books + 1] = {name = name, value = read('HGET', ledger, field)}
  end
end
local known = read('HMGET', state, 'route:' .. new, 'left:' .. old, 'claimed', 'route:' .. old)
permit(ledger, 'HSET', 'HDEL')
permit(state, 'HSET', 'HDEL')

local function forget()
  for _, book in ipairs(books) do redis.call('HDEL', ledger, old .. '|' .. book.name) end
  redis.call('HDEL', state, 'route:' .. old, 'orphan:' .. old, 'left:' .. old)
end

if not groups[old] then
  if not known[2] and not known[4] and #books == 0 then return {'nothing', 0, 0, 0} end
  withoutMemory(manifest)
  if known[2] and not groups[new] then redis.call('HSET', state, ${luaLayoutField}, 'left:' .. new, known[2]) end
  forget()
  return {'nothing', 0, 0, 0}
end
if groups[new] and ARGV[5] ~= '1' then return {'both', 0, 0, 0} end

local position = groups[old]['last-delivered-id']
local isMerge = groups[new] ~= nil
local reached = isMerge and groups[new]['last-delivered-id'] or position
local from = signed(read('HGET', ledger, new .. '|from')) or whole(known[3]) or 0
local given, records, had = {}, 0, 0
local function give(id, range)
  given[#given + 1] = id
  if range then records = records + tonumber(range['count']) end
end
-- What the new name reads by itself, because it is behind its position, and what it has had it is not given.
local function giveMissing(id, entry)
  if isBefore(reached, id) then return end
  local range = entry and rangeOf(entry)
  if not range then return end
  if tonumber(range['before']) >= from then had = had + 1 else give(id, range) end
end
local start = '-'
repeat
  local pending = read('XPENDING', manifest, old, start, '+', 500)
  for _, lease in ipairs(pending) do
    local entry = read('XRANGE', manifest, lease[1], lease[1])[1]
    if isMerge then giveMissing(lease[1], entry)
    elseif entry then give(lease[1], rangeOf(entry)) end
    start = '(' .. lease[1]
  end
until #pending < 500
if isMerge and isBefore(position, reached) then
  for _, entry in ipairs(read('XRANGE', manifest, '(' .. position, reached)) do giveMissing(entry[1], entry) end
end

permit(manifest, 'XGROUP CREATE', 'XGROUP DESTROY', 'XCLAIM')
withoutMemory(manifest)
if not isMerge then redis.call('XGROUP', 'CREATE', manifest, new, position) end
for _, id in ipairs(given) do
  redis.call('XCLAIM', manifest, new, owner, 0, id, 'IDLE', idle, 'FORCE', 'JUSTID')
end
if isMerge then
  redis.call('HSET', ledger, new .. '|from', text(from - records))
  -- What was wanted again stays wanted.
  local wanted = read('HGET', ledger, new .. '|${rewoundField}')
  for _, book in ipairs(books) do
    if book.name == '${rewoundField}' and not wanted then redis.call('HSET', ledger, new .. '|' .. book.name, book.value) end
  end
else
  for _, book in ipairs(books) do redis.call('HSET', ledger, new .. '|' .. book.name, book.value) end
end
redis.call('XGROUP', 'DESTROY', manifest, old)
-- Its time to be started begins now; yet it does not look like one that runs.
if seen > (whole(known[1]) or 0) then redis.call('HSET', state, ${luaLayoutField}, 'route:' .. new, text(seen)) end
forget()
return {isMerge and 'merged' or 'moved', #given, records, had}
`);

/**
 * What a list knows of a route.
 *
 * KEYS  1 manifest  2 state  3 ledger  4 its dead letters
 * ARGV  1 name
 * Reply {has a group (1), has books or a position to come back to (1), has dead letters (1)}
 */
export const knownScript = script(`${luaGuard}${luaGroups}
local manifest, state, ledger, name = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
checkLayout(state)
local hasGroup, hasBooks = 0, 0
if read('EXISTS', manifest) == 1 then
  for _, info in ipairs(groupsOf(manifest)) do if info['name'] == name then hasGroup = 1 end end
end
if read('HGET', ledger, name .. '|from') or read('HGET', state, 'left:' .. name) then hasBooks = 1 end
return {hasGroup, hasBooks, read('EXISTS', KEYS[4])}
`);
