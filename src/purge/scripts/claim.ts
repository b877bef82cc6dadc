import { luaGuard } from '../../redis/guard.ts';
import { layout, luaLayoutField } from '../../redis/layout.ts';
import { script } from '../../redis/script.ts';
import { luaBooks } from './books.ts';
import { luaCut } from './cut.ts';
import { luaMakeGroups } from './make-groups.ts';
import { luaRange } from './range.ts';

/**
 * Claims a gateway list: renames it to a segment nobody writes to, takes its time-to-live away and adds the manifest
 * entries that cut it into ranges. Atomic, and independent of the list's size but for one entry per range.
 *
 * A segment that nothing names is lost in silence, and Redis keeps the rename when a later command is refused. So
 * everything is read, and every command permitted, before the first write. A TTL travels with RENAME, so without
 * PERSIST the claimed records would silently expire.
 *
 * KEYS  1 list  2 manifest  3 state  4 segments  5 ledger
 * ARGV  1 prefix of segment keys  2 target bytes per range  3 most records per range  4 claim (1) or only look (0)
 *       5 salt for a new state  6 make sure the groups exist (1)  7 there were ranges a round ago (1)
 *       8 name of this instance, or nothing  9 its version  10 what else it says of itself, or nothing  11… each route, and where it begins if it is new (make-groups.ts)
 * Reply {records claimed, bytes claimed, segment id, ranges in the manifest, retained bytes, records claimed ever, bytes of
 *        the oldest segment, segments, what make-groups.ts gives}; -1 as records claimed: the manifest is gone with records
 *        in it, and nothing is done until what is left has been recovered (recover.ts)
 *
 * A clock of Redis that was stepped back would make leases last as much longer, also those of the dead. The date at
 * which a route was last seen, a minute old at most, tells: where it lies more than a minute ahead, all leases of the
 * route begin anew.
 *
 * Ledger hash: `<route>|from` is the number of records claimed before the first one that the route is to answer for.
 *
 * State hash: `retained` bytes of all segments; `sequence` and `salt` make segment ids unique even when the clock
 * steps back or Redis lost its data; `claimed` counts records for ever; `route:<name>` is when a route was last seen,
 * `instance:<name>` when an instance was, with its version, its layout and what it says of
 * itself (operate/instance-about.ts).
 * Where somebody else has written what cannot be a sequence or a salt, both begin anew.
 */
export const claimScript = script(`${luaGuard}${luaRange}${luaBooks}${luaCut}${luaMakeGroups}
local list, manifest, state, segments, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
checkLayout(state)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local length = 0
if ARGV[4] == '1' then length = read('LLEN', list) end
local isKnown = read('EXISTS', manifest) == 1
local makesGroups = ARGV[6] == '1' or not isKnown
local ranges = read('XLEN', manifest)
local given, routes, fields = {unpack(ARGV, 11)}, {}, {'salt', 'sequence', 'claimed', 'retained', 'released'}
for at = 1, #given, 2 do routes[#routes + 1] = given[at] end
for _, route in ipairs(routes) do fields[#fields + 1] = 'route:' .. route end
fields[#fields + 1] = 'instance:' .. ARGV[8]
local figures = read('HMGET', state, unpack(fields))
local salt, sequence = figures[1], whole(figures[2])
if not sequence or not string.match(salt or '', '^%w+$') then salt, sequence = ARGV[5], 0 end
local claimed, retained = claimedOf(figures[3], manifest, ledger), whole(figures[4]) or 0
local named = read('LLEN', segments)
if named == 0 then retained = 0
elseif not whole(figures[4]) then retained = bytesOfLines(segments) end
if not isKnown and whole(figures[5]) ~= claimed and (ARGV[7] == '1' or named > 0 or hasOpenBooks(ledger, claimed)) then
  return {-1, 0, '', 0, retained, claimed, 0, 0, {}}
end
local first = read('LINDEX', segments, 0)

local bytes = 0
if length > 0 then
  bytes = bytesOf(list, length)
  permit(list, 'RENAMENX', 'PERSIST')
  permitEntries(manifest)
  permit(state, 'HSET')
  if isKnown then permitPush(segments, 'RPUSH', manifest) end
end
local begun = {}
if makesGroups then begun = makeGroups(manifest, state, ledger, given, claimed, not isKnown) end

local segment = ''
if length > 0 then
  if not isKnown then permitPush(segments, 'RPUSH', manifest) end
  withoutMemory(manifest)
  local key
  repeat
    sequence = sequence + 1
    segment = string.format('%d%06d-%d-%s', time[1], time[2], sequence, salt)
    key = ARGV[1] .. segment
  until redis.call('RENAMENX', list, key) == 1
  redis.call('PERSIST', key)
  cut(manifest, segments, segment, length, bytes, claimed, tonumber(ARGV[2]), tonumber(ARGV[3]))
  claimed, retained = claimed + length, retained + bytes
  redis.call('HSET', state, ${luaLayoutField}, 'salt', salt, 'sequence', text(sequence), 'claimed', text(claimed), 'retained', text(retained))
  ranges, named, first = redis.call('XLEN', manifest), redis.call('LLEN', segments), redis.call('LINDEX', segments, 0)
end

-- Leases begin anew for whoever holds them: the living renew them, those of the dead run out.
local function beginLeases(group)
  local from = '-'
  repeat
    local pending = redis.pcall('XPENDING', manifest, group, from, '+', 500)
    if pending['err'] then return end
    for _, lease in ipairs(pending) do
      redis.pcall('XCLAIM', manifest, group, lease[2], 0, lease[1], 'IDLE', 0, 'JUSTID')
      from = '(' .. lease[1]
    end
  until #pending < 500
end
for i, route in ipairs(routes) do
  local seen = whole(figures[5 + i]) or 0
  if math.abs(now - seen) > 60000 then
    local dated = redis.pcall('HSET', state, ${luaLayoutField}, 'route:' .. route, text(now))
    if seen > now and type(dated) == 'number' then beginLeases(route) end
  end
end
local saidHere, about = figures[#fields] or '', ARGV[9] .. ' ${layout}'
if ARGV[10] ~= '' then about = about .. ' ' .. ARGV[10] end
local seenHere = whole(string.match(saidHere, '^%d+')) or 0
if ARGV[8] ~= '' and (math.abs(now - seenHere) > 60000 or string.match(saidHere, '^%d+ (.*)$') ~= about) then
  redis.pcall('HSET', state, ${luaLayoutField}, 'instance:' .. ARGV[8], text(now) .. ' ' .. about)
end

local oldest = string.match(first or '', '|(%d+)$')
return {length, bytes, segment, ranges, retained, claimed, whole(oldest) or 0, named, begun}
`);
