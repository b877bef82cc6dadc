import { script } from '../../../redis/script.ts';
import { luaNow, luaOpen } from './open.ts';

/** Needs `luaOpen`, `added` and the bound as ARGV[2]; leaves `bytes` and `dropped`. */
const dropOldest = `local bytes, most, dropped = held + added, tonumber(ARGV[2]), 0
-- What is written here never ends above the bound, and the bound moves little: so this is rare, and no letter may go for a
-- number that somebody else wrote.
if held > most + 1048576 then
  bytes = 0
  for _, id in ipairs(redis.call('ZRANGE', order, 0, -1)) do bytes = bytes + redis.call('HSTRLEN', letters, id) end
end
while bytes > most do
  local oldest = redis.call('ZRANGE', order, 0, 0)[1]
  if not oldest then
    bytes = 0
    break
  end
  local gone, size = forget(oldest)
  bytes = bytes - size
  dropped = dropped + gone
end
`;

/**
 * ARGV: field, most bytes, then record id and letter alternating. A record id that is there already stays as it is, so
 * a repeat makes no second letter. Over the bound the oldest go. Returns stored, dropped, bytes now held.
 */
export const putScript = script(`${luaNow}${luaOpen}
permitForget()
permit(letters, 'HSET')
permit(order, 'ZADD')
local stored, added = 0, 0
for i = 3, #ARGV, 2 do
  if redis.call('HSTRLEN', letters, ARGV[i]) == 0 then
    redis.call('HSET', letters, ARGV[i], ARGV[i + 1])
    redis.call('ZADD', order, now, ARGV[i])
    stored = stored + 1
    added = added + #ARGV[i + 1]
  end
end
${dropOldest}
count(bytes - held, {stored = stored, dropped = dropped})
return {stored, dropped, held}
`);

/**
 * Makes a letter of an element that is too large to be sent, within Redis. KEYS also: 5 the segment. ARGV: field, most bytes,
 * record id, index in the segment, header. One that is larger than the bound is not kept: it would push out all others. Returns
 * as put does.
 */
export const putUnreadScript = script(`${luaNow}${luaOpen}
permitForget()
permit(letters, 'HSET')
permit(order, 'ZADD')
local element = read('LINDEX', KEYS[5], ARGV[4])
local stored, added = 0, 0
if not element then return {0, 0, held} end
if #ARGV[5] + 1 + #element > tonumber(ARGV[2]) then return {0, 1, held} end
if redis.call('HSTRLEN', letters, ARGV[3]) == 0 then
  redis.call('HSET', letters, ARGV[3], ARGV[5] .. '\\n' .. element)
  redis.call('ZADD', order, now, ARGV[3])
  stored, added = 1, #ARGV[5] + 1 + #element
end
${dropOldest}
count(bytes - held, {stored = stored, dropped = dropped})
return {stored, dropped, held}
`);
