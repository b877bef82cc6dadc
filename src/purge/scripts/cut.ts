/**
 * A range of large records has so many of them, up to four times the bytes of one of small ones: much of a route's work is
 * for each range, however few its records are.
 */
const fewRecords = 400;

/**
 * Lua: names a segment, which is what makes its records somebody's to deliver: manifest entries that cut it into
 * ranges, and its line among the segments. What it calls has been permitted before. Needs luaGuard.
 */
export const luaCut = `
local function bytesOf(key, length)
  local usage = redis.pcall('MEMORY', 'USAGE', key, 'SAMPLES', '8')
  local edges = #read('LINDEX', key, 0) + #read('LINDEX', key, -1)
  if type(usage) == 'number' then return math.max(usage, length) end
  return math.max(math.floor(edges / 2 * length), length)
end

-- An id that no clock gives is somebody else's, and the last possible one leaves no room for ours.
local function permitEntries(manifest)
  permit(manifest, 'XADD')
  local about = redis.pcall('XINFO', 'STREAM', manifest)
  for at = 1, #about, 2 do
    if about[at] == 'last-generated-id' and #about[at + 1] > 16 + #string.match(about[at + 1], '%-%d+$') then
      refuse('ERR the last id of ' .. manifest .. ' is ' .. about[at + 1] .. ', which no clock gives: somebody else writes to it')
    end
  end
end

local function cut(manifest, segments, segment, length, bytes, before, target, most)
  local fitting = target * length / bytes
  local count = math.max(1, math.min(math.floor(math.max(fitting, math.min(4 * fitting, ${fewRecords}))), most))
  local last
  for start = 0, length - 1, count do
    local size = math.min(count, length - start)
    last = redis.call('XADD', manifest, '*', 'segment', segment, 'start', text(start), 'count', text(size),
      'bytes', text(math.ceil(bytes / length * size)), 'before', text(before + start))
  end
  redis.call('RPUSH', segments, segment .. '|' .. last .. '|' .. text(bytes))
end
`;
