import { script } from '../../redis/script.ts';
import { luaRange } from './range.ts';

/**
 * Drops ranges for one group alone, up to and including an entry: acknowledges those leased and steps over those not
 * read yet. Siblings keep theirs. What is dropped is booked as shed. What is dropped while somebody holds it may arrive
 * all the same, from memory: it is noted in the ledger for a day, so that settling can correct the books.
 *
 * KEYS  1 manifest  2 ledger
 * ARGV  1 group  2 last entry id to drop
 * Reply {ranges dropped, records dropped}
 */
export const shedScript = script(`${luaRange}
local manifest, group, upto = KEYS[1], ARGV[1], ARGV[2]
local ranges, records = 0, 0
local function add(entry)
  local range = rangeOf(entry)
  if not range then return end
  ranges = ranges + 1
  records = records + tonumber(range['count'])
end

while true do
  local pending = redis.call('XPENDING', manifest, group, '-', upto, 200)
  for _, item in ipairs(pending) do
    local entry = redis.call('XRANGE', manifest, item[1], item[1])[1]
    if redis.call('XACK', manifest, group, item[1]) == 1 and entry then
      add(entry)
      local range = rangeOf(entry)
      if range then redis.call('HSET', KEYS[2], group .. '|shed|' .. item[1], range['count']) end
    end
  end
  if #pending < 200 then break end
end

local prefix, time = group .. '|shed|', redis.call('TIME')
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  local ms = string.sub(field, 1, #prefix) == prefix and string.match(field, '^(%d+)-', #prefix + 1)
  if ms and tonumber(ms) < (time[1] - 86400) * 1000 then redis.call('HDEL', KEYS[2], field) end
end

local position
for _, info in ipairs(redis.call('XINFO', 'GROUPS', manifest)) do
  local about = {}
  for i = 1, #info, 2 do about[info[i]] = info[i + 1] end
  if about['name'] == group then position = about['last-delivered-id'] end
end
local function booked()
  if records > 0 then redis.call('HINCRBY', KEYS[2], group .. '|shed', records) end
  return {ranges, records}
end
if not position then return booked() end
local from, skipped = '(' .. position, false
while true do
  local entries = redis.call('XRANGE', manifest, from, upto, 'COUNT', 500)
  for _, entry in ipairs(entries) do
    add(entry)
    from, skipped = '(' .. entry[1], true
  end
  if #entries < 500 then break end
end
if skipped then redis.call('XGROUP', 'SETID', manifest, group, upto) end
return booked()
`);
