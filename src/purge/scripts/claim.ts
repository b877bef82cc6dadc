import { script } from '../../redis/script.ts';
import { luaRange } from './range.ts';
import { luaOutcomes } from './settle.ts';

/**
 * Claims a gateway list: renames it to a segment nobody writes to, takes its time-to-live away and adds the manifest
 * entries that cut it into ranges. Atomic, and independent of the list's size but for one entry per range.
 *
 * The rename comes first on purpose: it is allowed when Redis is out of memory, and after a first write a script may
 * go on. A TTL travels with RENAME, so without PERSIST the claimed records would silently expire.
 *
 * KEYS  1 list  2 manifest  3 state  4 segments  5 ledger
 * ARGV  1 prefix of segment keys  2 target bytes per range  3 most records per range  4 claim (1) or only look (0)
 *       5 salt for a new state  6 make sure the groups exist (1)  7… routes
 * Reply {records claimed, bytes claimed, segment id, ranges in the manifest, retained bytes, records claimed ever, bytes of
 *        the oldest segment}
 *
 * A clock of Redis that was stepped back would make leases last as much longer, also those of the dead. The date at
 * which a route was last seen, a minute old at most, tells: where it lies more than a minute ahead, all leases of the
 * route begin anew.
 *
 * Ledger hash: `<route>|from` is the number of records claimed before the first one that the route is to answer for.
 *
 * State hash: `retained` bytes of all segments; `sequence` and `salt` make segment ids unique even when the clock
 * steps back or Redis lost its data; `claimed` counts records for ever; `route:<name>` is when a route was last seen.
 */
export const claimScript = script(`${luaRange}
local list, manifest, state, segments = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local length = 0
if ARGV[4] == '1' then length = redis.call('LLEN', list) end
local known = redis.call('EXISTS', manifest) == 1

local segment, key = '', ''
if length > 0 then
  local salt = redis.call('HGET', state, 'salt') or ARGV[5]
  local sequence = tonumber(redis.call('HGET', state, 'sequence') or '0')
  repeat
    sequence = sequence + 1
    segment = string.format('%d%06d-%d-%s', time[1], time[2], sequence, salt)
    key = ARGV[1] .. segment
  until redis.call('RENAMENX', list, key) == 1
  redis.call('PERSIST', key)
  redis.call('HSET', state, 'salt', salt, 'sequence', sequence)
end

if ARGV[6] == '1' or not known then
  for i = 7, #ARGV do
    local made = redis.pcall('XGROUP', 'CREATE', manifest, ARGV[i], '0', 'MKSTREAM')
    if made['ok'] then
      local from = redis.call('HGET', state, 'claimed') or '0'
      for _, entry in ipairs(redis.call('XRANGE', manifest, '-', '+', 'COUNT', 100)) do
        local range = rangeOf(entry)
        if range then
          from = range['before']
          break
        end
      end
      for _, outcome in ipairs(${luaOutcomes}) do redis.call('HDEL', KEYS[5], ARGV[i] .. '|' .. outcome) end
      redis.call('HSET', KEYS[5], ARGV[i] .. '|from', from)
    end
  end
end

local bytes = 0
if length > 0 then
  local usage = redis.pcall('MEMORY', 'USAGE', key, 'SAMPLES', '8')
  local edges = #redis.call('LINDEX', key, 0) + #redis.call('LINDEX', key, -1)
  bytes = math.max(math.floor(edges / 2 * length), length)
  if type(usage) == 'number' then bytes = math.max(usage, length) end
  local count = math.floor(tonumber(ARGV[2]) * length / bytes)
  count = math.max(1, math.min(count, tonumber(ARGV[3])))
  local before = tonumber(redis.call('HGET', state, 'claimed') or '0')
  local last
  for start = 0, length - 1, count do
    local size = math.min(count, length - start)
    last = redis.call('XADD', manifest, '*', 'segment', segment, 'start', string.format('%d', start),
      'count', string.format('%d', size), 'bytes', string.format('%d', math.ceil(bytes / length * size)),
      'before', string.format('%.0f', before + start))
  end
  redis.call('RPUSH', segments, segment .. '|' .. last .. '|' .. string.format('%.0f', bytes))
  redis.call('HINCRBY', state, 'retained', string.format('%.0f', bytes))
  redis.call('HINCRBY', state, 'claimed', length)
end

-- Leases begin anew for whoever holds them: the living renew them, those of the dead run out.
local function beginLeases(group)
  local from = '-'
  repeat
    local pending = redis.pcall('XPENDING', manifest, group, from, '+', 500)
    if pending['err'] then return end
    for _, lease in ipairs(pending) do
      redis.call('XCLAIM', manifest, group, lease[2], 0, lease[1], 'IDLE', 0, 'JUSTID')
      from = '(' .. lease[1]
    end
  until #pending < 500
end
for i = 7, #ARGV do
  local seen = tonumber(redis.call('HGET', state, 'route:' .. ARGV[i]) or '0')
  if math.abs(now - seen) > 60000 then
    local dated = redis.pcall('HSET', state, 'route:' .. ARGV[i], string.format('%.0f', now))
    if seen > now and type(dated) == 'number' then beginLeases(ARGV[i]) end
  end
end

local figures = redis.call('HMGET', state, 'retained', 'claimed')
local oldest = string.match(redis.call('LINDEX', segments, 0) or '', '|(%d+)$')
return {length, bytes, segment, redis.call('XLEN', manifest), tonumber(figures[1] or '0'), tonumber(figures[2] or '0'),
  tonumber(oldest or '0')}
`);
