import { luaGuard } from '../../redis/guard.ts';
import { luaLayoutField } from '../../redis/layout.ts';
import { script } from '../../redis/script.ts';

/**
 * Books records that Redis has deleted before anybody claimed them, once, however many instances have seen it: a list
 * expires at one moment, by which they know it for the same.
 *
 * KEYS  1 state
 * ARGV  1 records  2 when they expired, in milliseconds by Redis's clock  3 moments less apart than so many milliseconds are one
 * Reply 1, or 0 where somebody has booked it
 *
 * State hash: `expired` counts records for ever, `expired_at` is when the last of them went.
 */
export const bookExpiredScript = script(`${luaGuard}
local state = KEYS[1]
checkLayout(state)
local figures = read('HMGET', state, 'expired', 'expired_at')
local booked, last = whole(figures[1]) or 0, whole(figures[2]) or 0
local at = tonumber(ARGV[2])
if math.abs(at - last) < tonumber(ARGV[3]) then return 0 end
permit(state, 'HSET')
redis.call('HSET', state, ${luaLayoutField}, 'expired', text(booked + tonumber(ARGV[1])), 'expired_at', text(at))
return 1
`);
