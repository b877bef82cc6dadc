import { luaGuard } from '../../redis/guard.ts';
import { luaLayoutField } from '../../redis/layout.ts';
import { script } from '../../redis/script.ts';
import { luaBooks } from './books.ts';
import { luaCut } from './cut.ts';
import { luaRange } from './range.ts';

/**
 * The manifest of a list is gone although it had records: somebody deleted keys of ours, or Redis evicted them. The segments
 * that are left are claimed anew, under their old ids, for every route that has books or is named here. What a route had not
 * answered for beyond that is no longer in Redis, and is booked as vanished; how much that was its books tell, or, where they
 * are gone as well, what this process knew of it.
 *
 * KEYS  1 manifest  2 state  3 segments  4 ledger
 * ARGV  1 prefix of segment keys  2 target bytes per range  3 most records per range  4 how many segment ids follow
 *       5… segment ids, then for each route its name and the records it had not answered for, as far as known
 * Reply {segments, records in them, {route, records vanished}…}; -1 as segments: the manifest is there
 */
export const recoverScript = script(`${luaGuard}${luaRange}${luaBooks}${luaCut}
local manifest, state, segments, ledger = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
checkLayout(state)
if read('EXISTS', manifest) == 1 then return {-1, 0, {}} end
local names, seen = {}, {}
local upto = 4 + tonumber(ARGV[4])
for at = 5, upto do names[#names + 1] = ARGV[at] end
for _, line in ipairs(read('LRANGE', segments, 0, -1)) do names[#names + 1] = string.match(line, '^[^|]*') end
local found, records = {}, 0
for _, name in ipairs(names) do
  local key = ARGV[1] .. name
  local length = redis.pcall('LLEN', key)
  if type(length) == 'number' and length > 0 and not seen[name] then
    found[#found + 1] = {name = name, key = key, length = length, bytes = bytesOf(key, length)}
    seen[name], records = true, records + length
    permit(key, 'PERSIST')
  end
end
if #found == 0 and #ARGV == upto then return {0, 0, {}} end
table.sort(found, function(a, b) return a['name'] < b['name'] end)

local claimed = claimedOf(read('HGET', state, 'claimed'), manifest, ledger)
local books, changes, reply = booksOf(ledger, read), {}, {}
for at = upto + 1, #ARGV, 2 do
  if not books[ARGV[at]] then books[ARGV[at]] = claimed - bookedOf(ledger, ARGV[at]) - tonumber(ARGV[at + 1]) end
end
local function change(field, value)
  changes[#changes + 1] = field
  changes[#changes + 1] = text(value)
end
for name, from in pairs(books) do
  local open = math.max(0, claimed - from - bookedOf(ledger, name))
  local vanished = math.max(0, open - records)
  change(name .. '|from', from + open - vanished)
  if vanished > 0 then
    change(name .. '|vanished', (whole(read('HGET', ledger, name .. '|vanished')) or 0) + vanished)
    reply[#reply + 1] = {name, vanished}
  end
end

permit(manifest, 'XGROUP CREATE')
permitEntries(manifest)
permit(segments, 'DEL')
permit(state, 'HSET')
permit(ledger, 'HSET')
withoutMemory(manifest)
redis.call('HSET', state, ${luaLayoutField}, 'claimed', text(claimed))
permitPush(segments, 'RPUSH', state)
redis.call('DEL', segments)
for name in pairs(books) do redis.call('XGROUP', 'CREATE', manifest, name, '0', 'MKSTREAM') end
if #changes > 0 then redis.call('HSET', ledger, unpack(changes)) end
local retained = 0
for _, each in ipairs(found) do
  redis.call('PERSIST', each['key'])
  cut(manifest, segments, each['name'], each['length'], each['bytes'], claimed, tonumber(ARGV[2]), tonumber(ARGV[3]))
  claimed, retained = claimed + each['length'], retained + each['bytes']
end
redis.call('HSET', state, ${luaLayoutField}, 'claimed', text(claimed), 'retained', text(retained))
return {#found, records, reply}
`);
