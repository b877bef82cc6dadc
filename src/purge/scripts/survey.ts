import { luaGuard } from '../../redis/guard.ts';
import { script } from '../../redis/script.ts';
import { luaGroups } from './group.ts';
import { luaRange } from './range.ts';

/**
 * Where every group stands: for lag and for the bound on retained bytes. Read-only.
 *
 * KEYS  1 manifest  2 state  3 segments  4 ledger
 * ARGV  1 most segments to list
 * Reply {now in milliseconds, retained bytes, records claimed ever,
 *        {group, first unanswered entry or '', records not answered for at most}…, {segments, oldest first…}, {ledger fields and values…},
 *        bytes of records that Redis cannot send (route/dead-letters/letter.ts)}
 */
export const surveyScript = script(`${luaGuard}${luaRange}${luaGroups}
local manifest, state, segments, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
checkLayout(state)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local figures = read('HMGET', state, 'retained', 'claimed', 'dead:unread')
local claimed = whole(figures[2]) or 0
local groups = {}
if read('EXISTS', manifest) == 1 then
  for _, info in ipairs(groupsOf(manifest)) do
    local from = '(' .. info['last-delivered-id']
    if info['pending'] > 0 then from = read('XPENDING', manifest, info['name'])[2] end
    local first = read('XRANGE', manifest, from, '+', 'COUNT', 1)[1]
    local id, lag = '', 0
    if first then
      id = first[1]
      local range = rangeOf(first)
      if range then lag = math.max(0, claimed - tonumber(range['before'])) end
    end
    groups[#groups + 1] = {info['name'], id, lag}
  end
end
return {now, whole(figures[1]) or 0, claimed, groups,
  read('LRANGE', segments, 0, tonumber(ARGV[1]) - 1), read('HGETALL', ledger), whole(figures[3]) or 0}
`);
