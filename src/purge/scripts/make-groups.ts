import { luaBookFields } from './settle.ts';

/**
 * Lua: makes sure that each route has its group, and begins the books of those that had none. Where they begin:
 *
 * - in a manifest that is new: with the first range, whatever else is said;
 * - a route whose group was forgotten (bounds/tidy.ts): with the first range that it had not answered for;
 * - a route that was seen here before, or whose process says `oldest`: with the oldest range there is. Then Redis has
 *   lost the group, and what it had not answered for must not be passed by;
 * - a route that was never seen: with what is claimed next, unless it says `oldest`.
 *
 * `given` holds each route and what its process says. Gives for each group it has made {route, older records it gets,
 * older records it does not get}. Needs luaGuard, luaRange and luaBooks.
 */
export const luaMakeGroups = `
local function firstBefore(manifest, from, otherwise)
  for _, entry in ipairs(read('XRANGE', manifest, from, '+', 'COUNT', 100)) do
    local range = rangeOf(entry)
    if range then return math.min(otherwise, tonumber(range['before'])) end
  end
  return otherwise
end

local function makeGroups(manifest, state, ledger, given, claimed, isNew)
  local kept = firstBefore(manifest, '-', claimed)
  read('HGET', ledger, '')
  local plans = {}
  for at = 1, #given, 2 do
    local plan = {route = given[at], position = '0', from = kept}
    local known = read('HMGET', state, 'route:' .. plan.route, 'left:' .. plan.route)
    local left = string.match(known[2] or '', '^%d+%-%d+$')
    if left and not isNew then
      plan.position, plan.from = left, firstBefore(manifest, '(' .. left, claimed)
    elseif not isNew and not known[1] and given[at + 1] == 'now' then
      plan.position, plan.from = '$', claimed
    end
    plan.isLeft = known[2]
    plans[#plans + 1] = plan
  end
  permit(manifest, 'XGROUP CREATE')
  permit(ledger, 'HDEL', 'HSET')
  permit(state, 'HDEL')
  withoutMemory(manifest)
  local begun = {}
  for _, plan in ipairs(plans) do
    local route = plan.route
    local made = redis.pcall('XGROUP', 'CREATE', manifest, route, plan.position, 'MKSTREAM')
    if made['ok'] then
      local booked = {}
      for _, outcome in ipairs(${luaBookFields}) do booked[#booked + 1] = route .. '|' .. outcome end
      redis.call('HDEL', ledger, unpack(booked))
      redis.call('HSET', ledger, route .. '|from', text(plan.from))
      if plan.isLeft then redis.call('HDEL', state, 'left:' .. route) end
      begun[#begun + 1] = {route, claimed - plan.from, plan.from - kept}
    elseif not string.find(made['err'], 'BUSYGROUP', 1, true) then
      refuse(made['err'] .. ' (XGROUP CREATE ' .. manifest .. ')')
    end
  end
  return begun
end
`;
