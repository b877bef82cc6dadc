import { luaOutcomes } from './settle.ts';

/**
 * Lua: what to do where a number of the books is missing, or is one that we never write: somebody has deleted a key of ours,
 * or Redis evicted it, or somebody wrote to it. Needs luaGuard and luaRange.
 *
 * `claimedOf`: records claimed ever. Lost, it is the end of the newest range, or what the routes have answered for.
 * `mendedBooks`: fields and values that make a group's books close again: what it has answered for is what it has booked,
 * and what it has not is in the manifest. Nil where nothing is amiss; a mere difference is for reclaiming to report.
 */
export const luaBooks = `
local outcomes = ${luaOutcomes}
local function eachRange(manifest, from, visit)
  repeat
    local entries = read('XRANGE', manifest, from, '+', 'COUNT', 1000)
    for _, entry in ipairs(entries) do
      local range = rangeOf(entry)
      if range then visit(range) end
      from = '(' .. entry[1]
    end
  until #entries < 1000
end

local function bytesOfLines(segments)
  local bytes = 0
  for _, line in ipairs(read('LRANGE', segments, 0, -1)) do
    bytes = bytes + (whole(string.match(line, '|(%d+)$')) or 0)
  end
  return bytes
end

local function bookedOf(ledger, name)
  local booked = 0
  for _, outcome in ipairs(outcomes) do
    booked = booked + (whole(read('HGET', ledger, name .. '|' .. outcome)) or 0)
  end
  return booked
end

-- Names of those that have books, and where these begin. A claim must not wait for them: it asks with pcall.
local function booksOf(ledger, ask)
  local all = {}
  read('HGET', ledger, '')
  for _, field in ipairs(ask('HKEYS', ledger)) do
    local name = string.match(field, '^(.*)|from$')
    if name then all[name] = signed(read('HGET', ledger, field)) end
  end
  return all
end

local function claimedOf(figure, manifest, ledger)
  local claimed = whole(figure)
  if claimed then return claimed end
  claimed = 0
  eachRange(manifest, '-', function(range) claimed = math.max(claimed, range['before'] + range['count']) end)
  for name, from in pairs(booksOf(ledger, redis.pcall)) do claimed = math.max(claimed, from + bookedOf(ledger, name)) end
  return claimed
end

local function hasOpenBooks(ledger, claimed)
  for name, from in pairs(booksOf(ledger, redis.pcall)) do
    if claimed - from > bookedOf(ledger, name) then return true end
  end
  return false
end

local function outstandingOf(manifest, group)
  local records = 0
  local function add(range) records = records + range['count'] end
  eachRange(manifest, '(' .. group['last-delivered-id'], add)
  local from = '-'
  repeat
    local pending = read('XPENDING', manifest, group['name'], from, '+', 1000)
    for _, lease in ipairs(pending) do
      local entry = read('XRANGE', manifest, lease[1], lease[1])[1]
      local range = entry and rangeOf(entry)
      if range then add(range) end
      from = '(' .. lease[1]
    end
  until #pending < 1000
  return records
end

local function mendedBooks(manifest, ledger, group, claimed)
  local name, mended, booked, isAmiss = group['name'], {}, 0, false
  local from = signed(read('HGET', ledger, name .. '|from'))
  if not from or from > claimed then isAmiss = true end
  for _, outcome in ipairs(outcomes) do
    local value = read('HGET', ledger, name .. '|' .. outcome)
    local records = whole(value)
    if value and (not records or records > claimed - math.min(from or 0, 0)) then
      isAmiss, records = true, 0
      mended[#mended + 1] = name .. '|' .. outcome
      mended[#mended + 1] = '0'
    end
    booked = booked + (records or 0)
  end
  if not isAmiss then return nil end
  mended[#mended + 1] = name .. '|from'
  mended[#mended + 1] = text(claimed - booked - outstandingOf(manifest, group))
  return mended
end
`;
