import { luaLayoutField } from '../../../redis/layout.ts';
import { script } from '../../../redis/script.ts';
import { luaOpen } from './open.ts';

/**
 * Letters get another route, oldest first, some of them, and with the last ones what became of the others. KEYS also: 5
 * letters, 6 order and 7 retries of the new route. ARGV: field, field of the new route, most letters, most bytes, then how a
 * letter's header names the old route and the new one. A letter that the new route has already stays as it is there. Returns
 * how many went.
 */
export const moveScript = script(`${luaOpen}
local toLetters, toOrder, toRetries = KEYS[5], KEYS[6], KEYS[7]
local before, after = ARGV[5], ARGV[6]
local there, toBooks = read('HLEN', toLetters), {}
for i, outcome in ipairs(outcomes) do toBooks[i] = 'letters:' .. string.sub(ARGV[2], 6) .. '|' .. outcome end
local toBooked = read('HMGET', state, unpack(toBooks))
if not whole(toBooked[1]) then toBooked[1] = text(there) end
local toHeld = whole(read('HGET', state, ARGV[2])) or 0
local ids = read('ZRANGE', order, 0, tonumber(ARGV[3]) - 1)
local isOrdered = #ids > 0
if not isOrdered then ids = read('HKEYS', letters) end
local moving, freed, added, stored = {}, 0, 0, 0
local wanted = {}
for _, id in ipairs(read('ZRANGE', retries, 0, -1)) do wanted[id] = true end
for place, id in ipairs(ids) do
  if freed > tonumber(ARGV[4]) then break end
  local letter = read('HGET', letters, id)
  local score = isOrdered and read('ZRANGE', order, place - 1, place - 1, 'WITHSCORES')[2] or '0'
  if letter then
    local from, to = string.find(letter, before, 1, true)
    local ends = string.find(letter, '\\n', 1, true)
    local named = letter
    if from and ends and from < ends then named = string.sub(letter, 1, from - 1) .. after .. string.sub(letter, to + 1) end
    freed = freed + #letter
    stored = stored + 1
    if read('HSTRLEN', toLetters, id) > 0 then named = nil else added = added + #named end
    moving[#moving + 1] = {id = id, named = named, score = score}
  else
    moving[#moving + 1] = {id = id}
  end
end
local isLast = stored == read('HLEN', letters)
if #moving == 0 and isNew then return 0 end
permitForget()
permit(state, 'HDEL')
permit(toLetters, 'HSET')
permit(toOrder, 'ZADD')
permit(toRetries, 'ZADD')
withoutMemory(letters)
local arrived = 0
for _, each in ipairs(moving) do
  if each.named then
    redis.call('HSET', toLetters, each.id, each.named)
    redis.call('ZADD', toOrder, each.score, each.id)
    if wanted[each.id] then redis.call('ZADD', toRetries, 0, each.id) end
    arrived = arrived + 1
  end
  forget(each.id)
end
booked[1] = text(math.max(0, (whole(booked[1]) or 0) - stored))
toBooked[1] = text(whole(toBooked[1]) + arrived)
if isLast then
  for i = 1, #outcomes do
    local sum = (whole(toBooked[i]) or 0) + (whole(booked[i]) or 0)
    if i == 1 or sum > 0 then redis.call('HSET', state, ${luaLayoutField}, toBooks[i], text(sum)) end
    redis.call('HDEL', state, books[i])
  end
  redis.call('HDEL', state, ARGV[1])
else
  redis.call('HSET', state, ${luaLayoutField}, books[1], booked[1], ARGV[1], text(math.max(0, held - freed)), toBooks[1], toBooked[1])
end
redis.call('HSET', state, ${luaLayoutField}, ARGV[2], text(toHeld + added))
return #moving
`);
