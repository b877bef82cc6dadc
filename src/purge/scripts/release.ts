import { luaGuard } from '../../redis/guard.ts';
import { luaLayoutField } from '../../redis/layout.ts';
import { script } from '../../redis/script.ts';
import { luaGroups } from './group.ts';
import { luaOrder } from './order.ts';
import { luaRange } from './range.ts';

/**
 * Pushes one range back to the head of its list, unless every group has answered for it, and forgets the range. Called
 * from the newest range to the oldest, so that the list ends up in the gateway's order. Atomic: killed between two
 * calls, the rest is still in the manifest and the next run goes on.
 *
 * KEYS  1 list  2 manifest  3 ledger  4 state
 * ARGV  1 prefix of segment keys  2 entry id
 * Reply {records pushed back, groups that had answered for them already…}
 */
export const releaseRangeScript = script(`${luaGuard}${luaOrder}${luaRange}${luaGroups}
local list, manifest, ledger, id = KEYS[1], KEYS[2], KEYS[3], ARGV[2]
checkLayout(KEYS[4])
local entry = read('XRANGE', manifest, id, id)[1]
if not entry then return {0} end
local fields = rangeOf(entry)

local waiting, froms, reply = {}, {}, {0}
local groups = groupsOf(manifest)
for _, info in ipairs(groups) do
  local name = info['name']
  local isPending = #read('XPENDING', manifest, name, id, id, 1) > 0
  if isPending or isBefore(info['last-delivered-id'], id) then
    waiting[#waiting + 1] = name
    froms[#froms + 1] = signed(read('HGET', ledger, name .. '|from')) or 0
  else
    reply[#reply + 1] = name
  end
end
local elements = {}
if not fields then
  reply = {0}
elseif #waiting > 0 or #groups == 0 then
  local start = tonumber(fields['start'])
  elements = read('LRANGE', ARGV[1] .. fields['segment'], start, start + fields['count'] - 1)
end
read('LLEN', list)
permit(manifest, 'XACK', 'XDEL')
permit(ledger, 'HSET')
permitPush(list, 'LPUSH', manifest)
for at = #elements, 1, -1 do redis.call('LPUSH', list, elements[at]) end
if fields then reply[1] = #elements end
for at, name in ipairs(waiting) do
  redis.call('XACK', manifest, name, id)
  if fields then redis.call('HSET', ledger, name .. '|from', text(froms[at] + fields['count'])) end
end
redis.call('XDEL', manifest, id)
return reply
`);

/**
 * When no range is left, forgets the segments and the groups: the next start begins anew. The state keeps how many records
 * had been claimed by then, so that an instance which still runs does not take what was given back for lost.
 *
 * KEYS  1 manifest  2 state  3 segments  4 ledger
 * ARGV  1 prefix of segment keys
 * Reply 1 when done, 0 when ranges are left
 */
export const forgetScript = script(`${luaGuard}
local manifest, state, segments, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
checkLayout(state)
if read('XLEN', manifest) > 0 then return 0 end
local gone = {}
for _, line in ipairs(read('LRANGE', segments, 0, -1)) do
  local segment = string.match(line, '^([^|]+)|%d+%-%d+|')
  if segment then gone[#gone + 1] = ARGV[1] .. segment end
end
for _, key in ipairs(gone) do permit(key, 'UNLINK') end
permit(manifest, 'DEL')
permit(state, 'HDEL', 'HSET')
local claimed = whole(read('HGET', state, 'claimed'))
local forgotten = {'retained'}
for _, field in ipairs(read('HKEYS', state)) do
  if string.sub(field, 1, 5) == 'left:' then forgotten[#forgotten + 1] = field end
end
for _, key in ipairs(gone) do redis.call('UNLINK', key) end
redis.call('DEL', manifest, segments, ledger)
for _, field in ipairs(forgotten) do redis.call('HDEL', state, field) end
if claimed then redis.call('HSET', state, ${luaLayoutField}, 'released', text(claimed)) end
return 1
`);

/**
 * Removes a consumer that holds nothing any more: whoever looks sees only instances that live.
 *
 * KEYS  1 manifest  2 state
 * ARGV  1 group  2 consumer
 * Reply 1 when it is gone
 */
export const leaveScript = script(`${luaGuard}
checkLayout(KEYS[2])
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
