import { luaGuard } from '../../redis/guard.ts';
import { script } from '../../redis/script.ts';

/**
 * Renews leases this consumer still holds, or gives them back: then they pass to a consumer that stands for nobody,
 * with an idle time beyond the lease, so that the next one who looks takes them. One that somebody else has taken over
 * meanwhile is left alone and named in the reply.
 *
 * KEYS  1 manifest  2 state
 * ARGV  1 group  2 consumer  3 consumer to be  4 idle milliseconds  5… entry ids
 * Reply the ids no longer held
 */
export const touchScript = script(`${luaGuard}
checkLayout(KEYS[2])
local lost = {}
for i = 5, #ARGV do
  local held = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])
  if #held == 0 then
    lost[#lost + 1] = ARGV[i]
  else
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, ARGV[i], 'IDLE', ARGV[4], 'JUSTID')
  end
end
return lost
`);
