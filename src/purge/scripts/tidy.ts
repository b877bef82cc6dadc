import { luaGuard } from '../../redis/guard.ts';
import { luaLayoutField } from '../../redis/layout.ts';
import { script } from '../../redis/script.ts';
import { luaBooks } from './books.ts';
import { luaGroups } from './group.ts';
import { luaRange } from './range.ts';

/**
 * Destroys groups whose route no instance has named for `orphan` milliseconds, and consumers that are gone: idle that
 * long with nothing pending. A group nobody has a date for gets today's: its time starts now. A group goes only when
 * an earlier call found it overdue too, with the same date: after a step of the clock its instances have the time
 * between two calls to name it again.
 *
 * What instances have said of themselves goes when they have not been heard of for ten minutes.
 *
 * Mends what is missing in the books or cannot be (books.ts), and counts the bytes of all segments anew.
 *
 * KEYS  1 manifest  2 state  3 ledger  4 segments
 * ARGV  1 orphan milliseconds
 * Reply one {group, 'destroyed' or 'kept', milliseconds since it was seen, records it had left,
 *        1 where its books were mended} per group
 */
export const tidyScript = script(`${luaGuard}${luaRange}${luaGroups}${luaBooks}
local manifest, state, ledger, segments = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
checkLayout(state)
if read('EXISTS', manifest) == 0 then return {} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local orphan = tonumber(ARGV[1])

-- By the books, which know of answers out of order.
local claimed = claimedOf(read('HGET', state, 'claimed'), manifest, ledger)
local function recordsLeft(name)
  local records = claimed - (signed(read('HGET', ledger, name .. '|from')) or claimed)
  for _, outcome in ipairs(outcomes) do
    records = records - (whole(read('HGET', ledger, name .. '|' .. outcome)) or 0)
  end
  return records
end

local groups = groupsOf(manifest)
local retained = bytesOfLines(segments)
local wasRetained, mended = read('HGET', state, 'retained'), {}
for _, group in ipairs(groups) do
  local books = mendedBooks(manifest, ledger, group, claimed)
  if books then mended[group['name']] = books end
end
permit(manifest, 'XGROUP DESTROY', 'XGROUP DELCONSUMER', 'XINFO CONSUMERS', 'XPENDING')
permit(state, 'HSET', 'HDEL', 'HKEYS')
permit(ledger, 'HKEYS', 'HDEL', 'HSET')
withoutMemory(manifest)
if whole(wasRetained) ~= retained then redis.call('HSET', state, ${luaLayoutField}, 'retained', text(retained)) end
if not whole(redis.call('HGET', state, 'claimed')) then redis.call('HSET', state, ${luaLayoutField}, 'claimed', text(claimed)) end
for _, books in pairs(mended) do redis.call('HSET', ledger, unpack(books)) end
-- The id before the first entry it has not answered for: where it begins should it come back (make-groups.ts).
local function firstLeft(info)
  if info['pending'] == 0 then return info['last-delivered-id'] end
  local ms, sequence = string.match(redis.call('XPENDING', manifest, info['name'])[2], '^(%d+)-(%d+)$')
  if sequence ~= '0' then return ms .. '-' .. text(tonumber(sequence) - 1) end
  return text(tonumber(ms) - 1) .. '-18446744073709551615'
end

for _, field in ipairs(redis.call('HKEYS', state)) do
  if string.sub(field, 1, 9) == 'instance:' then
    local heard = whole(string.match(redis.call('HGET', state, field), '^%d+')) or 0
    if now - heard > 600000 then redis.call('HDEL', state, field) end
  end
end

local reply = {}
for _, info in ipairs(groups) do
  local name = info['name']
  -- One further ahead than a step of the clock explains is no date: nobody would ever be overdue.
  local seen = whole(redis.call('HGET', state, 'route:' .. name)) or 0
  if seen == 0 or seen > now + 31536000000 then
    seen = now
    redis.call('HSET', state, ${luaLayoutField}, 'route:' .. name, text(now))
  end
  local records = recordsLeft(name)
  local overdue = now - seen > orphan
  local marked = redis.call('HGET', state, 'orphan:' .. name) == text(seen)
  if overdue and marked then
    redis.call('HSET', state, ${luaLayoutField}, 'left:' .. name, firstLeft(info))
    redis.call('XGROUP', 'DESTROY', manifest, name)
    redis.call('HDEL', state, 'route:' .. name, 'orphan:' .. name)
    for _, field in ipairs(redis.call('HKEYS', ledger)) do
      if string.sub(field, 1, #name + 1) == name .. '|' then redis.call('HDEL', ledger, field) end
    end
    reply[#reply + 1] = {name, 'destroyed', now - seen, records, 0}
  else
    if overdue then redis.call('HSET', state, 'orphan:' .. name, text(seen)) end
    for _, about in ipairs(pairsOf(redis.call('XINFO', 'CONSUMERS', manifest, name))) do
      if about['pending'] == 0 and about['idle'] > orphan then
        redis.call('XGROUP', 'DELCONSUMER', manifest, name, about['name'])
      end
    end
    reply[#reply + 1] = {name, 'kept', now - seen, records, mended[name] and 1 or 0}
  end
end
return reply
`);
