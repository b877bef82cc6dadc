import { luaGuard } from '../../redis/guard.ts';
import { script } from '../../redis/script.ts';
import { luaGroups } from './group.ts';
import { luaRange } from './range.ts';

/**
 * Drops ranges for one group alone, up to and including an entry: acknowledges those leased and steps over those not
 * read yet. Siblings keep theirs. What is dropped is booked as shed. What is dropped while somebody holds it may arrive
 * all the same, from memory: it is noted in the ledger for a day, so that settling can correct the books.
 *
 * KEYS  1 manifest  2 ledger  3 state
 * ARGV  1 group  2 last entry id to drop  3 what is noted beside it (settle.ts), or nothing
 * Reply {ranges dropped, records dropped}
 */
export const shedScript = script(`${luaGuard}${luaRange}${luaGroups}
local manifest, ledger, group, upto = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
checkLayout(KEYS[3])
local time, position = redis.call('TIME'), nil
for _, about in ipairs(groupsOf(manifest)) do
  if about['name'] == group then position = about['last-delivered-id'] end
end
if not position then return {0, 0} end
local booked = whole(read('HGET', ledger, group .. '|shed')) or 0
local note = (ARGV[3] or '') ~= '' and group .. '|' .. ARGV[3]
local noted = note and whole(read('HGET', ledger, note)) or 0
permit(manifest, 'XPENDING', 'XRANGE', 'XACK', 'XGROUP SETID')
permit(ledger, 'HKEYS', 'HSET', 'HDEL')

local ranges, records = 0, 0
local function add(entry)
  local range = rangeOf(entry)
  if not range then return end
  ranges = ranges + 1
  records = records + tonumber(range['count'])
  return range
end

while true do
  local pending = redis.call('XPENDING', manifest, group, '-', upto, 200)
  for _, item in ipairs(pending) do
    local entry = redis.call('XRANGE', manifest, item[1], item[1])[1]
    if redis.call('XACK', manifest, group, item[1]) == 1 and entry then
      local range = add(entry)
      if range then redis.call('HSET', ledger, group .. '|shed|' .. item[1], range['count']) end
    end
  end
  if #pending < 200 then break end
end

local prefix = group .. '|shed|'
for _, field in ipairs(redis.call('HKEYS', ledger)) do
  local ms = string.sub(field, 1, #prefix) == prefix and string.match(field, '^(%d+)-', #prefix + 1)
  if ms and tonumber(ms) < (time[1] - 86400) * 1000 then redis.call('HDEL', ledger, field) end
end

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
if records > 0 then redis.call('HSET', ledger, group .. '|shed', text(booked + records)) end
if records > 0 and note then redis.call('HSET', ledger, note, text(noted + records)) end
return {ranges, records}
`);
