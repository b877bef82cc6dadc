import { luaGuard } from '../../redis/guard.ts';
import { script } from '../../redis/script.ts';
import { luaGroups } from './group.ts';
import { luaOrder } from './order.ts';

/**
 * Steps over entries that name no range: acknowledges them for a group and books nothing, for nothing was claimed with
 * them. Once no group has them before it they are deleted.
 *
 * KEYS  1 manifest  2 state
 * ARGV  1 group  2… entry ids
 * Reply how many were acknowledged now
 */
export const stepOverScript = script(`${luaGuard}${luaOrder}${luaGroups}
local manifest, acknowledged = KEYS[1], 0
checkLayout(KEYS[2])
local groups = groupsOf(manifest)
permit(manifest, 'XACK', 'XPENDING', 'XDEL')
for at = 2, #ARGV do
  local id = ARGV[at]
  acknowledged = acknowledged + redis.call('XACK', manifest, ARGV[1], id)
  local isWanted = false
  for _, group in ipairs(groups) do
    if isBefore(group['last-delivered-id'], id)
      or #redis.call('XPENDING', manifest, group['name'], id, id, 1) > 0 then isWanted = true end
  end
  if not isWanted then redis.call('XDEL', manifest, id) end
end
return acknowledged
`);
