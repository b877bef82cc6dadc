import { script } from '../../redis/script.ts';

/** The order in which a tally travels. */
export const outcomes = ['delivered', 'rejected', 'filtered', 'vanished', 'spilled'] as const;

/** What may be booked for a record of a route. */
export const bookedOutcomes = [...outcomes, 'shed'] as const;
export type Outcome = (typeof bookedOutcomes)[number];

/** The same as a Lua table. */
export const luaOutcomes = `{${bookedOutcomes.map((outcome) => `'${outcome}'`).join(', ')}}`;

/**
 * Acknowledges ranges and books what became of their records, both or neither. A range acknowledged before, by a late
 * owner, is not booked twice. One that was shed while it was held, and whose records arrived all the same, is taken from
 * what is booked as shed (shed.ts notes it in the ledger).
 *
 * KEYS  1 manifest  2 ledger
 * ARGV  1 group  2… per range: entry id and one count per outcome
 * Reply how many were acknowledged now
 */
export const settleScript = script(`
local outcomes = {${outcomes.map((outcome) => `'${outcome}'`).join(', ')}}
local group, settled, sums = ARGV[1], 0, {}
for at = 2, #ARGV, #outcomes + 1 do
  local isAcknowledged = redis.call('XACK', KEYS[1], group, ARGV[at]) == 1
  local shed = group .. '|shed|' .. ARGV[at]
  local count = not isAcknowledged and redis.call('HGET', KEYS[2], shed)
  if count then
    redis.call('HDEL', KEYS[2], shed)
    redis.call('HINCRBY', KEYS[2], group .. '|shed', '-' .. count)
  end
  if isAcknowledged or count then
    settled = settled + 1
    for i = 1, #outcomes do sums[i] = (sums[i] or 0) + tonumber(ARGV[at + i]) end
  end
end
for i, outcome in ipairs(outcomes) do
  if (sums[i] or 0) > 0 then
    redis.call('HINCRBY', KEYS[2], group .. '|' .. outcome, string.format('%.0f', sums[i]))
  end
end
return settled
`);
