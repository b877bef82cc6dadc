import { script } from '../../../redis/script.ts';
import { luaOpen } from './open.ts';

/** ARGV: field, what became of them, then record ids. Returns how many letters went. */
export const removeScript = script(`${luaOpen}
permitForget()
local removed, freed = 0, 0
for i = 3, #ARGV do
  local gone, size = forget(ARGV[i])
  removed = removed + gone
  freed = freed + size
end
if removed > 0 then count(-freed, {[ARGV[2]] = removed}) end
return removed
`);

/**
 * Undecodable elements go back to the gateway's list as they were, to be claimed and decoded anew. Each route has counted
 * them as claimed and rejected, and will count them again: so both are taken back, in its count's beginning and in what is
 * booked; a route that has not counted so many (it is new) counts them for the first time. KEYS also: 5 the list, 6 the
 * ledger. ARGV: field, then record ids. Returns how many went.
 */
export const requeueScript = script(`${luaOpen}
permitForget()
read('LLEN', KEYS[5])
local ledger, fields = {}, read('HGETALL', KEYS[6])
for at = 1, #fields, 2 do ledger[fields[at]] = fields[at + 1] end
permit(KEYS[6], 'HSET')
local requeued, freed = 0, 0
for i = 2, #ARGV do
  local letter = read('HGET', letters, ARGV[i])
  local header_end = letter and string.find(letter, '\\n', 1, true)
  if header_end then
    permitPush(KEYS[5], 'RPUSH', letters)
    redis.call('RPUSH', KEYS[5], string.sub(letter, header_end + 1))
    local gone, size = forget(ARGV[i])
    requeued = requeued + gone
    freed = freed + size
  end
end
if requeued > 0 then count(-freed, {returned = requeued}) end
local changed = {}
for field, from in pairs(ledger) do
  local route = string.match(field, '^(.*)|from$')
  local rejected = route and whole(ledger[route .. '|rejected']) or 0
  local back = math.min(rejected, requeued)
  if back > 0 and signed(from) then
    changed[#changed + 1] = field
    changed[#changed + 1] = text(signed(from) + back)
    changed[#changed + 1] = route .. '|rejected'
    changed[#changed + 1] = text(rejected - back)
  end
end
if #changed > 0 then redis.call('HSET', KEYS[6], unpack(changed)) end
return requeued
`);
