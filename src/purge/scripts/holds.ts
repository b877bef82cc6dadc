import { luaGuard } from '../../redis/guard.ts';
import { script } from '../../redis/script.ts';

/**
 * Whether a range is still for this consumer to answer for. Asked where its records are gone from Redis: either the
 * lease ran out and another instance has answered meanwhile, or the records are lost. They are lost, too, where Redis
 * has forgotten its past: then the salt in the state is not the one in the segment's id.
 *
 * KEYS  1 manifest  2 state
 * ARGV  1 group  2 consumer  3 entry id  4 segment id
 * Reply 1 when it is, 0 when it is not
 */
export const holdsScript = script(`${luaGuard}
checkLayout(KEYS[2])
local held = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])
if held['err'] and not string.find(held['err'], 'NOGROUP', 1, true) then refuse(held['err']) end
if #held > 0 then return 1 end
local salt = read('HGET', KEYS[2], 'salt')
if salt and string.match(ARGV[4], '[^-]*$') == salt then return 0 end
return 1
`);
