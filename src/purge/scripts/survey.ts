import { script } from '../../redis/script.ts';
import { luaRange } from './range.ts';

/**
 * Where every group stands: for lag and for the bound on retained bytes. Read-only.
 *
 * KEYS  1 manifest  2 state  3 segments  4 ledger
 * ARGV  1 most segments to list
 * Reply {now in milliseconds, retained bytes, records claimed ever,
 *        {group, first unanswered entry or '', records not answered for at most}…, {segments, oldest first…}, {ledger fields and values…}}
 */
export const surveyScript = script(`${luaRange}
local manifest, state, segments = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local figures = redis.call('HMGET', state, 'retained', 'claimed')
local claimed = tonumber(figures[2] or '0')
local groups = {}
if redis.call('EXISTS', manifest) == 1 then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', manifest)) do
    local info = {}
    for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
    local from = '(' .. info['last-delivered-id']
    if info['pending'] > 0 then from = redis.call('XPENDING', manifest, info['name'])[2] end
    local first = redis.call('XRANGE', manifest, from, '+', 'COUNT', 1)[1]
    local id, lag = '', 0
    if first then
      id = first[1]
      local range = rangeOf(first)
      if range then lag = claimed - tonumber(range['before']) end
    end
    groups[#groups + 1] = {info['name'], id, lag}
  end
end
return {now, tonumber(figures[1] or '0'), claimed, groups,
  redis.call('LRANGE', segments, 0, tonumber(ARGV[1]) - 1), redis.call('HGETALL', KEYS[4])}
`);
