import { luaGuard } from '../../../redis/guard.ts';
import { luaLayoutField } from '../../../redis/layout.ts';
import { letterOutcomes } from './keys.ts';

/** Lua: the time of Redis in milliseconds. */
export const luaNow = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** Lua: reads every key before the first write, and asks for what `forget` and `count` need. */
export const luaOpen = `${luaGuard}
local letters, order, retries, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
checkLayout(state)
read('HSTRLEN', letters, '')
read('ZRANGE', order, 0, 0)
read('ZRANGE', retries, 0, 0)
local held = whole(read('HGET', state, ARGV[1])) or 0
local outcomes, books = {${letterOutcomes.map((outcome) => `'${outcome}'`).join(', ')}}, {}
for i, outcome in ipairs(outcomes) do books[i] = 'letters:' .. string.sub(ARGV[1], 6) .. '|' .. outcome end
local booked = read('HMGET', state, unpack(books))
-- Those that were there before there were books of them.
local isNew, there = not whole(booked[1]), read('HLEN', letters)
if isNew then booked[1] = text(there) end
local function count(bytes, became)
  held = math.max(0, held + bytes)
  local changed = {${luaLayoutField}, ARGV[1], text(held)}
  for i, outcome in ipairs(outcomes) do
    local more = became and became[outcome] or 0
    if more > 0 or (i == 1 and isNew) then
      changed[#changed + 1] = books[i]
      changed[#changed + 1] = text((whole(booked[i]) or 0) + more)
    end
  end
  redis.call('HSET', state, unpack(changed))
end
local function permitForget()
  permit(letters, 'HDEL')
  permit(order, 'ZREM')
  permit(retries, 'ZREM')
  permit(state, 'HSET')
end
local function forget(id)
  local size = redis.call('HSTRLEN', letters, id)
  local gone = redis.call('HDEL', letters, id)
  redis.call('ZREM', order, id)
  redis.call('ZREM', retries, id)
  return gone, size
end
`;
