import { luaGuard } from '../../redis/guard.ts';
import { script } from '../../redis/script.ts';

/**
 * The bytes of one element, without sending it.
 *
 * KEYS  1 segment  2 state
 * ARGV  1 index
 * Reply bytes; 0 where it is gone
 */
export const sizeScript = script(`${luaGuard}
checkLayout(KEYS[2])
return #(redis.call('LINDEX', KEYS[1], ARGV[1]) or '')
`);
