import { luaGuard } from '../redis/guard.ts';
import { deadKey, deadOrderKey, stateKey } from '../redis/keys.ts';
import { script } from '../redis/script.ts';

/**
 * The scripts over the dead letters of one list and route. All keys share the list's cluster slot.
 *
 * KEYS of every script: 1 letters (hash: record id → letter), 2 order (zset: record id by time stored), 3 retries
 * (zset: record id by the time, in milliseconds of Redis's clock, from which a route may take it), 4 state (hash; the
 * field named by ARGV[1] counts the bytes of the letters; `letters:<route>|<outcome>` what became of them, ever).
 */
export const letterKeys = (list: string, route: string): readonly string[] => [
  deadKey(list, route),
  deadOrderKey(list, route),
  retryKey(list, route),
  stateKey(list),
];

export const retryKey = (list: string, route: string): string => `${deadKey(list, route)}:retry`;

export const bytesField = (route: string): string => `dead:${route}`;

/** What becomes of a letter: put away, delivered after all, deleted, gone at the bound, put back to be claimed anew. */
export const letterOutcomes = ['stored', 'redelivered', 'purged', 'dropped', 'returned'] as const;
export type LetterOutcome = (typeof letterOutcomes)[number];

export const letterField = (route: string, outcome: LetterOutcome): string =>
  `letters:${route}|${outcome}`;

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** Reads every key before the first write, and asks for what `forget` and `count` need. */
const open = `${luaGuard}
local letters, order, retries, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
read('HSTRLEN', letters, '')
read('ZRANGE', order, 0, 0)
read('ZRANGE', retries, 0, 0)
local held = whole(read('HGET', state, ARGV[1])) or 0
local outcomes, books = {${letterOutcomes.map((outcome) => `'${outcome}'`).join(', ')}}, {}
for i, outcome in ipairs(outcomes) do books[i] = 'letters:' .. string.sub(ARGV[1], 6) .. '|' .. outcome end
local booked = read('HMGET', state, unpack(books))
-- Those that were there before there were books of them.
local isNew, there = not whole(booked[1]), read('HLEN', letters)
if isNew then booked[1] = text(there) end
local function count(bytes, became)
  held = math.max(0, held + bytes)
  local changed = {ARGV[1], text(held)}
  for i, outcome in ipairs(outcomes) do
    local more = became and became[outcome] or 0
    if more > 0 or (i == 1 and isNew) then
      changed[#changed + 1] = books[i]
      changed[#changed + 1] = text((whole(booked[i]) or 0) + more)
    end
  end
  redis.call('HSET', state, unpack(changed))
end
local function permitForget()
  permit(letters, 'HDEL')
  permit(order, 'ZREM')
  permit(retries, 'ZREM')
  permit(state, 'HSET')
end
local function forget(id)
  local size = redis.call('HSTRLEN', letters, id)
  local gone = redis.call('HDEL', letters, id)
  redis.call('ZREM', order, id)
  redis.call('ZREM', retries, id)
  return gone, size
end
`;

/** Needs `open`, `added` and the bound as ARGV[2]; leaves `bytes` and `dropped`. */
const dropOldest = `local bytes, most, dropped = held + added, tonumber(ARGV[2]), 0
-- What is written here never ends above the bound, and the bound moves little: so this is rare, and no letter may go for a
-- number that somebody else wrote.
if held > most + 1048576 then
  bytes = 0
  for _, id in ipairs(redis.call('ZRANGE', order, 0, -1)) do bytes = bytes + redis.call('HSTRLEN', letters, id) end
end
while bytes > most do
  local oldest = redis.call('ZRANGE', order, 0, 0)[1]
  if not oldest then
    bytes = 0
    break
  end
  local gone, size = forget(oldest)
  bytes = bytes - size
  dropped = dropped + gone
end
`;

/**
 * ARGV: field, most bytes, then record id and letter alternating. A record id that is there already stays as it is, so
 * a repeat makes no second letter. Over the bound the oldest go. Returns stored, dropped, bytes now held.
 */
export const putScript = script(`${now}${open}
permitForget()
permit(letters, 'HSET')
permit(order, 'ZADD')
local stored, added = 0, 0
for i = 3, #ARGV, 2 do
  if redis.call('HSTRLEN', letters, ARGV[i]) == 0 then
    redis.call('HSET', letters, ARGV[i], ARGV[i + 1])
    redis.call('ZADD', order, now, ARGV[i])
    stored = stored + 1
    added = added + #ARGV[i + 1]
  end
end
${dropOldest}
count(bytes - held, {stored = stored, dropped = dropped})
return {stored, dropped, held}
`);

/**
 * Makes a letter of an element that is too large to be sent, within Redis. KEYS also: 5 the segment. ARGV: field, most bytes,
 * record id, index in the segment, header. One that is larger than the bound is not kept: it would push out all others. Returns
 * as put does.
 */
export const putUnreadScript = script(`${now}${open}
permitForget()
permit(letters, 'HSET')
permit(order, 'ZADD')
local element = read('LINDEX', KEYS[5], ARGV[4])
local stored, added = 0, 0
if not element then return {0, 0, held} end
if #ARGV[5] + 1 + #element > tonumber(ARGV[2]) then return {0, 1, held} end
if redis.call('HSTRLEN', letters, ARGV[3]) == 0 then
  redis.call('HSET', letters, ARGV[3], ARGV[5] .. '\\n' .. element)
  redis.call('ZADD', order, now, ARGV[3])
  stored, added = 1, #ARGV[5] + 1 + #element
end
${dropOldest}
count(bytes - held, {stored = stored, dropped = dropped})
return {stored, dropped, held}
`);

/** ARGV: record ids. Returns their letters without the records' bytes, '' where there is none. */
export const headersScript = script(`
local headers = {}
for i = 1, #ARGV do
  local letter = redis.call('HGET', KEYS[1], ARGV[i]) or ''
  headers[i] = string.sub(letter, 1, string.find(letter, '\\n', 1, true) or 0)
end
return headers
`);

/** ARGV: field, what became of them, then record ids. Returns how many letters went. */
export const removeScript = script(`${open}
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
 * A retried letter was rejected again. ARGV: field, then record id and letter alternating. A letter that somebody
 * purged in the meantime stays away. Returns how many were written.
 */
export const replaceScript = script(`${open}
permit(letters, 'HSET')
permit(retries, 'ZREM')
permit(state, 'HSET')
local replaced, grown = 0, 0
for i = 2, #ARGV, 2 do
  local size = redis.call('HSTRLEN', letters, ARGV[i])
  if size > 0 then
    redis.call('HSET', letters, ARGV[i], ARGV[i + 1])
    grown = grown + #ARGV[i + 1] - size
    replaced = replaced + 1
  end
  redis.call('ZREM', retries, ARGV[i])
end
if grown ~= 0 then count(grown) end
return replaced
`);

/** An operator asks for another try. ARGV: field, then record ids. Returns how many are asked for now. */
export const askScript = script(`
local asked = 0
for i = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1 then
    redis.call('ZADD', KEYS[3], 'NX', 0, ARGV[i])
    asked = asked + 1
  end
end
return asked
`);

/**
 * A route takes letters to try again. ARGV: field, most, milliseconds for which they are its own, then the record ids
 * it has under way, whose time is renewed. Returns record ids. A route that dies loses nothing: the letters are still
 * there, and their time runs out.
 */
export const takeScript = script(`${now}
local until_then = now + tonumber(ARGV[3])
for i = 4, #ARGV do redis.call('ZADD', KEYS[3], 'XX', until_then, ARGV[i]) end
local ids = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[3], until_then, id) end
return ids
`);

/**
 * Undecodable elements go back to the gateway's list as they were, to be claimed and decoded anew. Each route has counted
 * them as claimed and rejected, and will count them again: so both are taken back, in its count's beginning and in what is
 * booked; a route that has not counted so many (it is new) counts them for the first time. KEYS also: 5 the list, 6 the
 * ledger. ARGV: field, then record ids. Returns how many went.
 */
export const requeueScript = script(`${open}
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

/**
 * Letters get another route, oldest first, some of them, and with the last ones what became of the others. KEYS also: 5
 * letters, 6 order and 7 retries of the new route. ARGV: field, field of the new route, most letters, most bytes, then how a
 * letter's header names the old route and the new one. A letter that the new route has already stays as it is there. Returns
 * how many went.
 */
export const moveScript = script(`${open}
local toLetters, toOrder, toRetries = KEYS[5], KEYS[6], KEYS[7]
local before, after = ARGV[5], ARGV[6]
local there, toBooks = read('HLEN', toLetters), {}
for i, outcome in ipairs(outcomes) do toBooks[i] = 'letters:' .. string.sub(ARGV[2], 6) .. '|' .. outcome end
local toBooked = read('HMGET', state, unpack(toBooks))
if not whole(toBooked[1]) then toBooked[1] = text(there) end
local toHeld = whole(read('HGET', state, ARGV[2])) or 0
local ids = read('ZRANGE', order, 0, tonumber(ARGV[3]) - 1)
local isOrdered = #ids > 0
if not isOrdered then ids = read('HKEYS', letters) end
local moving, freed, added, stored = {}, 0, 0, 0
local wanted = {}
for _, id in ipairs(read('ZRANGE', retries, 0, -1)) do wanted[id] = true end
for place, id in ipairs(ids) do
  if freed > tonumber(ARGV[4]) then break end
  local letter = read('HGET', letters, id)
  local score = isOrdered and read('ZRANGE', order, place - 1, place - 1, 'WITHSCORES')[2] or '0'
  if letter then
    local from, to = string.find(letter, before, 1, true)
    local ends = string.find(letter, '\\n', 1, true)
    local named = letter
    if from and ends and from < ends then named = string.sub(letter, 1, from - 1) .. after .. string.sub(letter, to + 1) end
    freed = freed + #letter
    stored = stored + 1
    if read('HSTRLEN', toLetters, id) > 0 then named = nil else added = added + #named end
    moving[#moving + 1] = {id = id, named = named, score = score}
  else
    moving[#moving + 1] = {id = id}
  end
end
local isLast = stored == read('HLEN', letters)
if #moving == 0 and isNew then return 0 end
permitForget()
permit(state, 'HDEL')
permit(toLetters, 'HSET')
permit(toOrder, 'ZADD')
permit(toRetries, 'ZADD')
withoutMemory(letters)
local arrived = 0
for _, each in ipairs(moving) do
  if each.named then
    redis.call('HSET', toLetters, each.id, each.named)
    redis.call('ZADD', toOrder, each.score, each.id)
    if wanted[each.id] then redis.call('ZADD', toRetries, 0, each.id) end
    arrived = arrived + 1
  end
  forget(each.id)
end
booked[1] = text(math.max(0, (whole(booked[1]) or 0) - stored))
toBooked[1] = text(whole(toBooked[1]) + arrived)
if isLast then
  for i = 1, #outcomes do
    local sum = (whole(toBooked[i]) or 0) + (whole(booked[i]) or 0)
    if i == 1 or sum > 0 then redis.call('HSET', state, toBooks[i], text(sum)) end
    redis.call('HDEL', state, books[i])
  end
  redis.call('HDEL', state, ARGV[1])
else
  redis.call('HSET', state, books[1], booked[1], ARGV[1], text(math.max(0, held - freed)), toBooks[1], toBooked[1])
end
redis.call('HSET', state, ARGV[2], text(toHeld + added))
return #moving
`);
