/** Lua: whether one stream id is older than another. By their digits: a number of Lua's has no room for all of them. */
export const luaOrder = `
local function fewer(a, b)
  if #a ~= #b then return #a < #b end
  return a < b
end
local function isBefore(a, b)
  local ams, asequence = string.match(a, '^(%d+)-(%d+)$')
  local bms, bsequence = string.match(b, '^(%d+)-(%d+)$')
  if ams ~= bms then return fewer(ams, bms) end
  return fewer(asequence, bsequence)
end
`;
