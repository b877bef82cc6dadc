import { script } from '../../redis/script.ts';

/**
 * Sets the idle time of leases this consumer still holds: 0 renews them, a time beyond the lease gives them back. One
 * that somebody else has taken over meanwhile is left alone and named in the reply.
 *
 * KEYS  1 manifest
 * ARGV  1 group  2 consumer  3 idle milliseconds  4… entry ids
 * Reply the ids no longer held
 */
export const touchScript = script(`
local lost = {}
for i = 4, #ARGV do
  local held = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])
  if #held == 0 then
    lost[#lost + 1] = ARGV[i]
  else
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'IDLE', ARGV[3], 'JUSTID')
  end
end
return lost
`);
