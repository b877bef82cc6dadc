/** Lua: what XINFO says of the groups of a manifest, each as a table. Needs luaGuard. */
export const luaGroups = `
local function pairsOf(rows)
  local all = {}
  for _, row in ipairs(rows) do
    local info = {}
    for at = 1, #row, 2 do info[row[at]] = row[at + 1] end
    all[#all + 1] = info
  end
  return all
end
local function groupsOf(manifest) return pairsOf(read('XINFO', 'GROUPS', manifest)) end
`;
