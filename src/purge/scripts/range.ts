/** A range has no more records than this: bounds the work of one when they are tiny. */
export const mostRecordsPerRange = 10_000;

/**
 * Lua: the fields of a manifest entry as a table, or nil where it names no range. As lease/manifest-entry.ts reads it; what
 * is no range has never been claimed, so no script may book its records. Needs luaGuard.
 */
export const luaRange = `
local function rangeOf(entry)
  local fields = {}
  for at = 1, #entry[2], 2 do fields[entry[2][at]] = entry[2][at + 1] end
  for _, name in ipairs({'start', 'count', 'before'}) do
    if not whole(fields[name]) then return nil end
  end
  if tonumber(fields['count']) > ${mostRecordsPerRange} then return nil end
  if (fields['segment'] or '') == '' then return nil end
  return fields
end
`;
