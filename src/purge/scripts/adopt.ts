import { luaGuard } from '../../redis/guard.ts';
import { luaLayoutField } from '../../redis/layout.ts';
import { script } from '../../redis/script.ts';
import { luaBooks } from './books.ts';
import { luaCut } from './cut.ts';
import { luaMakeGroups } from './make-groups.ts';
import { luaRange } from './range.ts';

/**
 * Names segments that nothing names, so that their records are delivered: as a claim does, unless manifest entries of
 * theirs are still there. Then only the line among the segments is missing, without which memory is never given back.
 * Which segments are named is looked up here: a claim or a reclaim may have come since somebody found them.
 *
 * KEYS  1 manifest  2 state  3 segments  4 ledger
 * ARGV  1 prefix of segment keys  2 target bytes per range  3 most records per range  4 how many segment ids follow
 *       5… segment ids, then each route, and where it begins if it is new (make-groups.ts)
 * Reply {segments named now, records of those that nobody was to deliver, what make-groups.ts gives}
 */
export const adoptScript = script(`${luaGuard}${luaRange}${luaBooks}${luaCut}${luaMakeGroups}
local manifest, state, segments, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
checkLayout(state)
local named = {}
for _, line in ipairs(read('LRANGE', segments, 0, -1)) do named[string.match(line, '^[^|]*')] = true end
local upto = 4 + tonumber(ARGV[4])
local found, byName = {}, {}
for at = 5, upto do
  local length = redis.pcall('LLEN', ARGV[1] .. ARGV[at])
  if type(length) == 'number' and length > 0 and not named[ARGV[at]] then
    local each = {name = ARGV[at], key = ARGV[1] .. ARGV[at], length = length}
    found[#found + 1], byName[each['name']] = each, each
  end
end
if #found == 0 then return {0, 0, {}} end
local isNew = read('EXISTS', manifest) == 0

local from = '-'
repeat
  local entries = read('XRANGE', manifest, from, '+', 'COUNT', 1000)
  for _, entry in ipairs(entries) do
    local range = rangeOf(entry)
    local each = range and byName[range['segment']]
    if each then each['last'] = entry[1] end
    from = '(' .. entry[1]
  end
until #entries < 1000

local figures = read('HMGET', state, 'claimed', 'retained')
local claimed, retained = claimedOf(figures[1], manifest, ledger), whole(figures[2]) or 0
for _, each in ipairs(found) do
  each['bytes'] = bytesOf(each['key'], each['length'])
  permit(each['key'], 'PERSIST')
end
permitEntries(manifest)
permit(state, 'HSET')
local begun = makeGroups(manifest, state, ledger, {unpack(ARGV, upto + 1)}, claimed, isNew)
-- Of the keys here the segment is one that exists and is no hash; a push is tried on the other, made if need be.
withoutMemory(manifest)
redis.call('HSET', state, ${luaLayoutField}, 'retained', text(retained))
permitPush(segments, 'RPUSH', state)

local records = 0
for _, each in ipairs(found) do
  redis.call('PERSIST', each['key'])
  if each['last'] then
    redis.call('RPUSH', segments, each['name'] .. '|' .. each['last'] .. '|' .. text(each['bytes']))
  else
    cut(manifest, segments, each['name'], each['length'], each['bytes'], claimed, tonumber(ARGV[2]), tonumber(ARGV[3]))
    claimed, records = claimed + each['length'], records + each['length']
  end
  retained = retained + each['bytes']
end
redis.call('HSET', state, ${luaLayoutField}, 'claimed', text(claimed), 'retained', text(retained))
return {#found, records, begun}
`);
