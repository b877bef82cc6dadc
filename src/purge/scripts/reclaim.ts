import { script } from '../../redis/script.ts';
import { luaOutcomes } from './settle.ts';

/**
 * Gives memory back: unlinks the oldest segments while every consumer group has acknowledged all of their ranges, and
 * trims their entries. The slowest group decides. Without any group nothing goes: then nobody has answered yet.
 *
 * When the last segment goes, every group has answered for everything, and the ledger must close: what it was to answer
 * for is what it has booked. A difference is reported once and then carried forward.
 *
 * KEYS  1 manifest  2 state  3 segments  4 ledger
 * ARGV  1 prefix of segment keys  2 most segments of one call
 * Reply {segments reclaimed, bytes reclaimed, {group, records expected, records booked}…}
 */
export const reclaimScript = script(`
local manifest, state, segments = KEYS[1], KEYS[2], KEYS[3]
local function parse(id)
  local ms, sequence = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(sequence)
end
local function before(a, b)
  local ams, asequence = parse(a)
  local bms, bsequence = parse(b)
  return ams < bms or (ams == bms and asequence < bsequence)
end

if redis.call('LLEN', segments) == 0 or redis.call('EXISTS', manifest) == 0 then return {0, 0, {}} end
local groups = redis.call('XINFO', 'GROUPS', manifest)
if #groups == 0 then return {0, 0, {}} end

-- Per group the newest id up to which all is answered: the one before its oldest pending, or its position.
local pending, position = {}, {}
for _, group in ipairs(groups) do
  local info = {}
  for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
  if info['pending'] > 0 then
    pending[#pending + 1] = redis.call('XPENDING', manifest, info['name'])[2]
  end
  position[#position + 1] = info['last-delivered-id']
end
local function answered(id)
  for _, oldest in ipairs(pending) do if not before(id, oldest) then return false end end
  for _, at in ipairs(position) do if before(at, id) then return false end end
  return true
end

local count, bytes, upto = 0, 0, nil
while count < tonumber(ARGV[2]) do
  local head = redis.call('LINDEX', segments, 0)
  if not head then break end
  local segment, last, size = string.match(head, '^([^|]*)|([^|]*)|([^|]*)$')
  if not answered(last) then break end
  redis.call('UNLINK', ARGV[1] .. segment)
  redis.call('LPOP', segments)
  redis.call('HINCRBY', state, 'retained', '-' .. size)
  count, bytes, upto = count + 1, bytes + tonumber(size), last
end
if upto then
  local ms, sequence = string.match(upto, '^(%d+)-(%d+)$')
  redis.call('XTRIM', manifest, 'MINID', ms .. '-' .. string.format('%.0f', tonumber(sequence) + 1))
end

local open = {}
if upto and redis.call('LLEN', segments) == 0 then
  local claimed = tonumber(redis.call('HGET', state, 'claimed') or '0')
  local outcomes = ${luaOutcomes}
  for _, group in ipairs(groups) do
    local name = group[2]
    local fields = {name .. '|from'}
    for i, outcome in ipairs(outcomes) do fields[i + 1] = name .. '|' .. outcome end
    local values = redis.call('HMGET', KEYS[4], unpack(fields))
    if values[1] then
      local expected, booked = claimed - tonumber(values[1]), 0
      for i = 2, #fields do booked = booked + tonumber(values[i] or '0') end
      if expected ~= booked then
        open[#open + 1] = {name, expected, booked}
        redis.call('HINCRBY', KEYS[4], name .. '|from', expected - booked)
      end
    end
  end
end
return {count, bytes, open}
`);
