import { script } from '../../redis/script.ts';

/**
 * Steps over entries that name no range: acknowledges them for a group and books nothing, for nothing was claimed with
 * them. Once no group has them before it they are deleted.
 *
 * KEYS  1 manifest
 * ARGV  1 group  2… entry ids
 * Reply how many were acknowledged now
 */
export const stepOverScript = script(`
local function parse(id)
  local ms, sequence = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(sequence)
end
local function isRead(position, id)
  local pms, psequence = parse(position)
  local ms, sequence = parse(id)
  return pms > ms or (pms == ms and psequence >= sequence)
end
local acknowledged = 0
local groups = redis.call('XINFO', 'GROUPS', KEYS[1])
for at = 2, #ARGV do
  acknowledged = acknowledged + redis.call('XACK', KEYS[1], ARGV[1], ARGV[at])
  local isWanted = false
  for _, group in ipairs(groups) do
    local info = {}
    for i = 1, #group, 2 do info[group[i]] = group[i + 1] end
    if not isRead(info['last-delivered-id'], ARGV[at])
      or #redis.call('XPENDING', KEYS[1], info['name'], ARGV[at], ARGV[at], 1) > 0 then isWanted = true end
  end
  if not isWanted then redis.call('XDEL', KEYS[1], ARGV[at]) end
end
return acknowledged
`);
