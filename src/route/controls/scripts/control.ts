import { luaGuard } from '../../../redis/guard.ts';
import { script } from '../../../redis/script.ts';

/**
 * Changes what an operator wants of a route: all of it or nothing.
 *
 * KEYS  1 controls  2 state
 * ARGV  1 how many fields go  2… these, then fields and values
 */
export const controlScript = script(`${luaGuard}
local controls = KEYS[1]
checkLayout(KEYS[2])
local last = tonumber(ARGV[1]) + 1
read('HGET', controls, '')
if last > 1 then permit(controls, 'HDEL') end
if #ARGV > last then permit(controls, 'HSET') end
if last > 1 then redis.call('HDEL', controls, unpack(ARGV, 2, last)) end
if #ARGV > last then redis.call('HSET', controls, unpack(ARGV, last + 1)) end
return 1
`);

/**
 * Gives the controls of a route to another name, which keeps those it has.
 *
 * KEYS  1 controls  2 state
 * ARGV  1 old name  2 new name  3… controls
 * Reply how many the new name got
 */
export const renameControlsScript = script(`${luaGuard}
local controls = KEYS[1]
checkLayout(KEYS[2])
local old, new, got, gone = ARGV[1], ARGV[2], {}, {}
for at = 3, #ARGV do
  local from, to = old .. '|' .. ARGV[at], new .. '|' .. ARGV[at]
  local value = read('HGET', controls, from)
  if value then
    gone[#gone + 1] = from
    if not read('HGET', controls, to) then
      got[#got + 1] = to
      got[#got + 1] = value
    end
  end
end
if #gone == 0 then return 0 end
permit(controls, 'HSET', 'HDEL')
if #got > 0 then redis.call('HSET', controls, unpack(got)) end
redis.call('HDEL', controls, unpack(gone))
return #got / 2
`);
