import { luaGuard } from '../../redis/guard.ts';
import { script } from '../../redis/script.ts';

/** The order in which a tally travels. */
const outcomes = ['delivered', 'rejected', 'filtered', 'vanished', 'spilled'] as const;

/**
 * What may be booked for a record of a route, so that the books close. Also by the last release, which may run beside this
 * version and knows no other: what is new is booked as one of these, and noted beside it (`notes`).
 */
const closing = [...outcomes, 'shed'] as const;

/** What is shown of it: `skipped` is noted of those booked as shed, `stale` of those booked as filtered; each is shown instead. */
export const bookedOutcomes = [...closing, 'skipped', 'stale'] as const;
export type Outcome = (typeof bookedOutcomes)[number];

/** Fields of a route's books that need not be there, and that nothing closes by. `redelivered`: records given to it again. */
const notes = ['skipped', 'stale', 'redelivered'] as const;

/** What an operator has had given again last (rewind.ts): no number. */
export const rewoundField = 'rewound';

const luaTable = (names: readonly string[]): string =>
  `{${names.map((name) => `'${name}'`).join(', ')}}`;

/** What the books close by, as a Lua table; all fields of a route's books but where they begin. */
export const luaOutcomes = luaTable(closing);
export const luaBookFields = luaTable([...closing, ...notes, rewoundField]);

/** What travels of a tally: what closes, and what is noted of it. */
export const settledCounts = [...outcomes, 'stale'] as const;

/**
 * Acknowledges ranges and books what became of their records, both or neither. A range acknowledged before, by a late
 * owner, is not booked twice. One that was shed while it was held, and whose records arrived all the same, is taken from
 * what is booked as shed (shed.ts notes it in the ledger).
 *
 * KEYS  1 manifest  2 ledger  3 state
 * ARGV  1 group  2… per range: entry id and one count per outcome, and of those filtered how many were stale
 * Reply how many were acknowledged now
 */
export const settleScript = script(`${luaGuard}
local manifest, ledger, group = KEYS[1], KEYS[2], ARGV[1]
checkLayout(KEYS[3])
local outcomes = ${luaTable(settledCounts)}
local fields = {group .. '|shed'}
for i, outcome in ipairs(outcomes) do fields[i + 1] = group .. '|' .. outcome end
local notes = {}
for at = 2, #ARGV, #outcomes + 1 do
  fields[#fields + 1] = group .. '|shed|' .. ARGV[at]
  notes[at] = #fields
end
local booked = read('HMGET', ledger, unpack(fields))
permit(manifest, 'XACK')
permit(ledger, 'HSET')
for _, field in pairs(notes) do
  if booked[field] then permit(ledger, 'HDEL') break end
end

local settled, shed, sums = 0, 0, {}
for at = 2, #ARGV, #outcomes + 1 do
  local isAcknowledged = redis.call('XACK', manifest, group, ARGV[at]) == 1
  local note = notes[at]
  local count = not isAcknowledged and booked[note]
  if count then
    redis.call('HDEL', ledger, fields[note])
    booked[note] = false
    shed = shed + (whole(count) or 0)
  end
  if isAcknowledged or count then
    settled = settled + 1
    for i = 1, #outcomes do sums[i] = (sums[i] or 0) + tonumber(ARGV[at + i]) end
  end
end
local changed = {}
if shed > 0 then changed = {fields[1], text(math.max(0, (whole(booked[1]) or 0) - shed))} end
for i = 1, #outcomes do
  if (sums[i] or 0) > 0 then
    changed[#changed + 1] = fields[i + 1]
    changed[#changed + 1] = text((whole(booked[i + 1]) or 0) + sums[i])
  end
end
if #changed > 0 then redis.call('HSET', ledger, unpack(changed)) end
return settled
`);
