import { luaGuard } from '../../redis/guard.ts';
import { script } from '../../redis/script.ts';
import { luaGroups } from './group.ts';
import { luaOrder } from './order.ts';
import { luaRange } from './range.ts';
import { rewoundField } from './settle.ts';

/**
 * Gives a route again what it has answered for since a time and what is still kept: as ranges that nobody holds, which
 * whoever comes takes over. What it has not answered for it has anyway. Its books begin so many records earlier, so that they
 * close when it has answered again; `redelivered` notes how many. `rewound` notes what was given, by the milliseconds from which
 * and the entry up to which, with what was given before and may still be there: whoever takes it over knows that it is wanted.
 *
 * KEYS  1 manifest  2 state  3 ledger
 * ARGV  1 group  2 claimed at or after, in milliseconds  3 who holds what is given (nobody)  4 its idle milliseconds
 * Reply {ranges given, records of those, milliseconds of the oldest claim that is kept or 0}
 */
export const rewindScript = script(`${luaGuard}${luaRange}${luaOrder}${luaGroups}
local manifest, ledger, group, since = KEYS[1], KEYS[3], ARGV[1], ARGV[2]
checkLayout(KEYS[2])
if read('EXISTS', manifest) == 0 then return {0, 0, 0} end
local position
for _, info in ipairs(groupsOf(manifest)) do
  if info['name'] == group then position = info['last-delivered-id'] end
end
if not position then return {0, 0, 0} end
local first = read('XRANGE', manifest, '-', '+', 'COUNT', 1)[1]
local oldest = first and tonumber(string.match(first[1], '^%d+')) or 0

local isPending, start = {}, '-'
repeat
  local pending = read('XPENDING', manifest, group, start, '+', 500)
  for _, lease in ipairs(pending) do
    isPending[lease[1]] = true
    start = '(' .. lease[1]
  end
until #pending < 500
local given, records, from = {}, 0, since
if position ~= '0-0' then
  repeat
    local entries = read('XRANGE', manifest, from, position, 'COUNT', 500)
    for _, entry in ipairs(entries) do
      local range = not isPending[entry[1]] and rangeOf(entry)
      if range then
        given[#given + 1] = entry[1]
        records = records + tonumber(range['count'])
      end
      from = '(' .. entry[1]
    end
  until #entries < 500
end
if #given == 0 then return {0, 0, oldest} end
local books = read('HMGET', ledger, group .. '|from', group .. '|redelivered', group .. '|${rewoundField}')
local begins, ends = tonumber(since), given[#given]
local earlier, upto = string.match(books[3] or '', '^(%d+)|(%d+%-%d+)$')
if earlier and not isBefore(upto, first[1]) then
  begins = math.min(begins, tonumber(earlier))
  if isBefore(ends, upto) then ends = upto end
end
permit(manifest, 'XCLAIM')
permit(ledger, 'HSET')
withoutMemory(manifest)
for _, id in ipairs(given) do
  redis.call('XCLAIM', manifest, group, ARGV[3], 0, id, 'IDLE', ARGV[4], 'FORCE', 'JUSTID')
end
redis.call('HSET', ledger, group .. '|${rewoundField}', text(begins) .. '|' .. ends)
-- Books that are missing are found again from what is left (books.ts).
if signed(books[1]) then
  redis.call('HSET', ledger, group .. '|from', text(signed(books[1]) - records),
    group .. '|redelivered', text((whole(books[2]) or 0) + records))
end
return {#given, records, oldest}
`);
