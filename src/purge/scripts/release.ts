import { script } from '../../redis/script.ts';
import { luaRange } from './range.ts';

/**
 * Pushes one range back to the head of its list, unless every group has answered for it, and forgets the range. Called
 * from the newest range to the oldest, so that the list ends up in the gateway's order. Atomic: killed between two
 * calls, the rest is still in the manifest and the next run goes on.
 *
 * KEYS  1 list  2 manifest  3 ledger
 * ARGV  1 prefix of segment keys  2 entry id
 * Reply {records pushed back, groups that had answered for them already…}
 */
export const releaseRangeScript = script(`${luaRange}
local list, manifest, ledger, id = KEYS[1], KEYS[2], KEYS[3], ARGV[2]
local entry = redis.call('XRANGE', manifest, id, id)[1]
if not entry then return {0} end
local fields = rangeOf(entry)

local function parse(text)
  local ms, sequence = string.match(text, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(sequence)
end
local function isRead(position)
  local pms, psequence = parse(position)
  local ms, sequence = parse(id)
  return pms > ms or (pms == ms and psequence >= sequence)
end

local waiting, reply = {}, {0}
for _, group in ipairs(redis.call('XINFO', 'GROUPS', manifest)) do
  local info = {}
  for at = 1, #group, 2 do info[group[at]] = group[at + 1] end
  local name = info['name']
  local isPending = #redis.call('XPENDING', manifest, name, id, id, 1) > 0
  if isPending or not isRead(info['last-delivered-id']) then
    waiting[#waiting + 1] = name
  else
    reply[#reply + 1] = name
  end
end
if not fields then
  for _, name in ipairs(waiting) do redis.call('XACK', manifest, name, id) end
  reply = {0}
elseif #waiting > 0 then
  local start = tonumber(fields['start'])
  local elements = redis.call('LRANGE', ARGV[1] .. fields['segment'], start, start + fields['count'] - 1)
  for at = #elements, 1, -1 do redis.call('LPUSH', list, elements[at]) end
  reply[1] = #elements
  for _, name in ipairs(waiting) do
    redis.call('XACK', manifest, name, id)
    redis.call('HINCRBY', ledger, name .. '|from', fields['count'])
  end
end
redis.call('XDEL', manifest, id)
return reply
`);

/**
 * When no range is left, forgets the segments and the groups: the next start begins anew.
 *
 * KEYS  1 manifest  2 state  3 segments  4 ledger
 * ARGV  1 prefix of segment keys
 * Reply 1 when done, 0 when ranges are left
 */
export const forgetScript = script(`
if redis.call('XLEN', KEYS[1]) > 0 then return 0 end
for _, segment in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do
  redis.call('UNLINK', ARGV[1] .. string.match(segment, '^[^|]*'))
end
redis.call('DEL', KEYS[1], KEYS[3], KEYS[4])
redis.call('HDEL', KEYS[2], 'retained')
return 1
`);

/**
 * Removes a consumer that holds nothing any more: whoever looks sees only instances that live.
 *
 * KEYS  1 manifest
 * ARGV  1 group  2 consumer
 * Reply 1 when it is gone
 */
export const leaveScript = script(`
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if consumers['err'] then return 0 end
for _, consumer in ipairs(consumers) do
  local info = {}
  for at = 1, #consumer, 2 do info[consumer[at]] = consumer[at + 1] end
  if info['name'] == ARGV[2] and info['pending'] == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    return 1
  end
end
return 0
`);
