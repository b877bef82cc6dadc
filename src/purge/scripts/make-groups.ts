/**
 * Lua: makes sure that each route has its group, and begins the books of those that had none: with the oldest range
 * that is there, or with what is claimed next. Needs luaGuard, luaRange and luaBooks.
 */
export const luaMakeGroups = `
local function makeGroups(manifest, ledger, routes, claimed)
  local from = claimed
  for _, entry in ipairs(read('XRANGE', manifest, '-', '+', 'COUNT', 100)) do
    local range = rangeOf(entry)
    if range then
      from = math.min(from, tonumber(range['before']))
      break
    end
  end
  read('HGET', ledger, '')
  permit(manifest, 'XGROUP CREATE')
  permit(ledger, 'HDEL', 'HSET')
  withoutMemory(manifest)
  for _, route in ipairs(routes) do
    local made = redis.pcall('XGROUP', 'CREATE', manifest, route, '0', 'MKSTREAM')
    if made['ok'] then
      for _, outcome in ipairs(outcomes) do redis.call('HDEL', ledger, route .. '|' .. outcome) end
      redis.call('HSET', ledger, route .. '|from', text(from))
    elseif not string.find(made['err'], 'BUSYGROUP', 1, true) then
      refuse(made['err'] .. ' (XGROUP CREATE ' .. manifest .. ')')
    end
  end
end
`;
