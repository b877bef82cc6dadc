import { luaGuard } from '../../redis/guard.ts';
import { luaLayoutField } from '../../redis/layout.ts';
import { script } from '../../redis/script.ts';
import { luaGroups } from './group.ts';
import { luaOrder } from './order.ts';
import { luaRange } from './range.ts';
import { luaOutcomes } from './settle.ts';

/**
 * Gives memory back: unlinks the oldest segments while every consumer group has acknowledged all of their ranges, and
 * trims their entries. The slowest group decides. Without any group nothing goes: then nobody has answered yet.
 *
 * When the last segment goes, every group has answered for everything, and the ledger must close: what it was to answer
 * for is what it has booked. A difference is reported once and then carried forward.
 *
 * A line among the segments that names none is somebody else's and goes: the segment it may have stood for, if there
 * is one, is found as one without a name (claim/unnamed.ts).
 *
 * Where all lines are gone and ranges are not, the ranges tell.
 *
 * KEYS  1 manifest  2 state  3 segments  4 ledger
 * ARGV  1 prefix of segment keys  2 most segments of one call  3 say how long ago they were claimed (1)
 *       4 milliseconds after their claim until which segments stay  5 while all of them have at most so many bytes
 * Reply {segments reclaimed, bytes reclaimed, {group, records expected, records booked}…, {lines that name no segment…},
 *        {milliseconds since each segment was claimed…}}
 */
export const reclaimScript = script(`${luaGuard}${luaRange}${luaOrder}${luaGroups}
local manifest, state, segments, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
checkLayout(state)
if read('EXISTS', manifest) == 0 then return {0, 0, {}, {}, {}} end
local hasLines = read('LLEN', segments) > 0
if not hasLines and read('XLEN', manifest) == 0 then return {0, 0, {}, {}, {}} end
local groups = groupsOf(manifest)
if #groups == 0 then return {0, 0, {}, {}, {}} end

-- Per group the newest id up to which all is answered: the one before its oldest pending, or its position.
local pending = {}
for _, group in ipairs(groups) do
  if group['pending'] > 0 then pending[#pending + 1] = read('XPENDING', manifest, group['name'])[2] end
end
local function answered(id)
  for _, oldest in ipairs(pending) do if not isBefore(id, oldest) then return false end end
  for _, group in ipairs(groups) do if isBefore(group['last-delivered-id'], id) then return false end end
  return true
end

local clock, keep, most = redis.call('TIME'), tonumber(ARGV[4] or '0'), tonumber(ARGV[5] or '0')
local keptAfter = clock[1] * 1000 + math.floor(clock[2] / 1000) - keep
local held = whole(read('HGET', state, 'retained')) or 0
local gone, strange, lines, bytes, upto = {}, {}, 0, 0, nil
for _, line in ipairs(read('LRANGE', segments, 0, tonumber(ARGV[2]) - 1)) do
  local segment, last, size = string.match(line, '^([^|]+)|(%d+%-%d+)|([^|]*)$')
  if segment then
    if not answered(last) then break end
    if keep > 0 and tonumber(string.match(last, '^%d+')) > keptAfter and held - bytes <= most then break end
    gone[#gone + 1], upto = ARGV[1] .. segment, last
    bytes = bytes + (whole(size) or 0)
  else
    strange[#strange + 1] = line
  end
  lines = lines + 1
end
-- All lines are gone, ranges are not: then these tell which segments are answered for. A segment's stand side by side.
if not hasLines then
  local from, segment, last = '-', nil, nil
  local function ends()
    if not last or not answered(last) then return not last end
    if segment then gone[#gone + 1] = ARGV[1] .. segment end
    upto = last
    return true
  end
  repeat
    local entries, isOpen = read('XRANGE', manifest, from, '+', 'COUNT', 500), false
    for _, entry in ipairs(entries) do
      local range = rangeOf(entry)
      if not (range and range['segment'] == segment) then
        isOpen = not ends()
        if isOpen then break end
        segment = range and range['segment']
      end
      last, from = entry[1], '(' .. entry[1]
    end
    if not isOpen and #entries < 500 then isOpen = not ends() end
  until isOpen or #entries < 500 or #gone >= tonumber(ARGV[2])
end
if lines == 0 and not upto then return {0, 0, {}, {}, {}} end
local isLast = lines == read('LLEN', segments) and (hasLines or #read('XRANGE', manifest, '(' .. upto, '+', 'COUNT', 1) == 0)
local figures = read('HMGET', state, 'retained', 'claimed')
local retained = math.max(0, (whole(figures[1]) or 0) - bytes)
if isLast or not hasLines then retained = 0 end

local open, carried = {}, {}
local claimed = whole(figures[2])
-- Without it there is nothing to compare; upkeep finds it again.
if isLast and upto and claimed then
  local outcomes = ${luaOutcomes}
  for _, group in ipairs(groups) do
    local name = group['name']
    local fields = {name .. '|from'}
    for i, outcome in ipairs(outcomes) do fields[i + 1] = name .. '|' .. outcome end
    local values = read('HMGET', ledger, unpack(fields))
    if values[1] then
      local from, booked = signed(values[1]) or 0, 0
      for i = 2, #fields do booked = booked + (whole(values[i]) or 0) end
      if claimed - from ~= booked then
        open[#open + 1] = {name, claimed - from, booked}
        carried[#carried + 1] = name .. '|from'
        carried[#carried + 1] = string.format('%.0f', claimed - booked)
      end
    end
  end
end

-- An id begins with the microseconds at which its segment was claimed (claim.ts).
local times = {}
if ARGV[3] == '1' and #gone > 0 then
  local time = redis.call('TIME')
  for _, key in ipairs(gone) do
    local since = string.match(string.sub(key, #ARGV[1] + 1), '^(%d+)%d%d%d%-')
    if since then times[#times + 1] = math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - since) end
  end
end

permit(manifest, 'XTRIM')
permit(segments, 'LPOP')
permit(state, 'HSET')
for _, key in ipairs(gone) do permit(key, 'UNLINK') end
if #carried > 0 then permit(ledger, 'HSET') end
for _, key in ipairs(gone) do redis.call('UNLINK', key) end
for _ = 1, lines do redis.call('LPOP', segments) end
redis.call('HSET', state, ${luaLayoutField}, 'retained', text(retained))
if upto then
  local ms, sequence = string.match(upto, '^(%d+)-(%d+)$')
  if whole(sequence) then sequence = text(sequence + 1) end
  redis.call('XTRIM', manifest, 'MINID', ms .. '-' .. sequence)
end
if #carried > 0 then redis.call('HSET', ledger, unpack(carried)) end
return {#gone, bytes, open, strange, times}
`);
