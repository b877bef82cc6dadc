import { luaGuard } from '../../../redis/guard.ts';
import { script } from '../../../redis/script.ts';
import { kept } from '../../pace/rate.ts';

/**
 * Gives of what a route's rate permits now, for whoever asks in whatever instance, by Redis's clock. What nobody has asked for
 * is kept for a moment; a clock that steps back gives nothing for the time that comes twice.
 *
 * KEYS  1 controls  2 state
 * ARGV  1 field  2, 3 records and bytes in a second, 0: not limited  4, 5 how many of them are wanted
 * Reply {records, bytes} as texts
 */
export const grantScript = script(`${luaGuard}
local controls, field = KEYS[1], ARGV[1]
checkLayout(KEYS[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local held = read('HGET', controls, field) or ''
local since, records, bytes = string.match(held, '^(%d+) ([%d.]+) ([%d.]+)$')
since = math.min(now, tonumber(since or '') or now)
local passed = (now - since) / 1000000
local function given(saved, rate, wanted)
  rate = tonumber(rate)
  local there = math.min(rate * ${kept}, (tonumber(saved or '') or 0) + rate * passed)
  local gives = math.min(there, tonumber(wanted))
  return gives, there - gives
end
local givenRecords, leftRecords = given(records, ARGV[2], ARGV[4])
local givenBytes, leftBytes = given(bytes, ARGV[3], ARGV[5])
redis.call('HSET', controls, field, string.format('%.0f %.3f %.3f', now, leftRecords, leftBytes))
return {string.format('%.3f', givenRecords), string.format('%.3f', givenBytes)}
`);
