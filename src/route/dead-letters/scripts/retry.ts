import { luaGuard } from '../../../redis/guard.ts';
import { script } from '../../../redis/script.ts';
import { luaNow, luaOpen } from './open.ts';

/** An operator asks for another try. ARGV: field, then record ids. Returns how many are asked for now. */
export const askScript = script(`${luaGuard}
checkLayout(KEYS[4])
local asked = 0
for i = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1 then
    redis.call('ZADD', KEYS[3], 'NX', 0, ARGV[i])
    asked = asked + 1
  end
end
return asked
`);

/**
 * A route takes letters to try again. ARGV: field, most, milliseconds for which they are its own, then the record ids
 * it has under way, whose time is renewed. Returns record ids. A route that dies loses nothing: the letters are still
 * there, and their time runs out.
 */
export const takeScript = script(`${luaGuard}${luaNow}
checkLayout(KEYS[4])
local until_then = now + tonumber(ARGV[3])
for i = 4, #ARGV do redis.call('ZADD', KEYS[3], 'XX', until_then, ARGV[i]) end
local ids = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[3], until_then, id) end
return ids
`);

/**
 * A retried letter was rejected again. ARGV: field, then record id and letter alternating. A letter that somebody
 * purged in the meantime stays away. Returns how many were written.
 */
export const replaceScript = script(`${luaOpen}
permit(letters, 'HSET')
permit(retries, 'ZREM')
permit(state, 'HSET')
local replaced, grown = 0, 0
for i = 2, #ARGV, 2 do
  local size = redis.call('HSTRLEN', letters, ARGV[i])
  if size > 0 then
    redis.call('HSET', letters, ARGV[i], ARGV[i + 1])
    grown = grown + #ARGV[i + 1] - size
    replaced = replaced + 1
  end
  redis.call('ZREM', retries, ARGV[i])
end
if grown ~= 0 then count(grown) end
return replaced
`);
