import { script } from '../../redis/script.ts';
import { luaOutcomes } from './settle.ts';

/**
 * Destroys groups whose route no instance has named for `orphan` milliseconds, and consumers that are gone: idle that
 * long with nothing pending. A group nobody has a date for gets today's: its time starts now. A group goes only when
 * an earlier call found it overdue too, with the same date: after a step of the clock its instances have the time
 * between two calls to name it again.
 *
 * KEYS  1 manifest  2 state  3 ledger
 * ARGV  1 orphan milliseconds
 * Reply one {group, 'destroyed' or 'kept', milliseconds since it was seen, records it had left} per group
 */
export const tidyScript = script(`
local manifest, state = KEYS[1], KEYS[2]
if redis.call('EXISTS', manifest) == 0 then return {} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local orphan = tonumber(ARGV[1])

-- By the books, which know of answers out of order.
local claimed = tonumber(redis.call('HGET', state, 'claimed') or '0')
local outcomes = ${luaOutcomes}
local function recordsLeft(name)
  local records = claimed - tonumber(redis.call('HGET', KEYS[3], name .. '|from') or claimed)
  for _, outcome in ipairs(outcomes) do
    records = records - tonumber(redis.call('HGET', KEYS[3], name .. '|' .. outcome) or '0')
  end
  return records
end

local reply = {}
for _, group in ipairs(redis.call('XINFO', 'GROUPS', manifest)) do
  local info = {}
  for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
  local name = info['name']
  local seen = tonumber(redis.call('HGET', state, 'route:' .. name) or '0')
  if seen == 0 then
    seen = now
    redis.call('HSET', state, 'route:' .. name, string.format('%.0f', now))
  end
  local records = recordsLeft(name)
  local overdue = now - seen > orphan
  local marked = redis.call('HGET', state, 'orphan:' .. name) == tostring(seen)
  if overdue and marked then
    redis.call('XGROUP', 'DESTROY', manifest, name)
    redis.call('HDEL', state, 'route:' .. name, 'orphan:' .. name)
    for _, field in ipairs(redis.call('HKEYS', KEYS[3])) do
      if string.sub(field, 1, #name + 1) == name .. '|' then redis.call('HDEL', KEYS[3], field) end
    end
    reply[#reply + 1] = {name, 'destroyed', now - seen, records}
  else
    if overdue then redis.call('HSET', state, 'orphan:' .. name, tostring(seen)) end
    for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', manifest, name)) do
      local about = {}
      for i = 1, #consumer, 2 do about[consumer[i]] = consumer[i + 1] end
      if about['pending'] == 0 and about['idle'] > orphan then
        redis.call('XGROUP', 'DELCONSUMER', manifest, name, about['name'])
      end
    end
    reply[#reply + 1] = {name, 'kept', now - seen, records}
  end
end
return reply
`);
