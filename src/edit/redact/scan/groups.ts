import { type Row, rows } from './triggers.ts';

/**
 * Triggers in eight groups, one for each bit of a byte. The scanner knows of a group only which bytes may be the first, the
 * second and the third letter of one of its triggers, by their lower and by their upper four bits: letters that are alike in these
 * are best kept together, so that few texts look like a trigger of the group and are none.
 */
const groupCount = 8;
const letterCount = 3;

/** For each letter two sets of four bits, as bits. */
interface Group {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const empty: Group = { low: [0, 0, 0], high: [0, 0, 0] };

const joined = (one: Group, other: Group): Group => ({
  low: one.low.map((bits, index) => bits | (other.low[index] as number)),
  high: one.high.map((bits, index) => bits | (other.high[index] as number)),
});

/** How often a byte stands in JSON and in texts, roughly. */
const frequencies = Float64Array.from({ length: 256 }, (_, code) => {
  const sign = String.fromCharCode(code);
  if (sign === ' ' || sign === '"') return 4;
  if (/[etaoinshrd]/.test(sign)) return /[a-f]/.test(sign) ? 2.7 : 2;
  if (/[a-z]/.test(sign)) return /[a-f]/.test(sign) ? 1.7 : 1;
  if (/[0-9:,]/.test(sign)) return 1.2;
  if (/[A-Z]/.test(sign)) return 0.3;
  return code < 0x20 || code > 0x7e ? 0.02 : 0.1;
});

/** How often three bytes in a row look like a trigger of the group, roughly. */
function costOf({ low, high }: Group): number {
  let cost = 1;
  for (let letter = 0; letter < letterCount; letter++) {
    let sum = 0;
    for (let code = 0; code < 256; code++) {
      const isIn =
        (low[letter] as number) & (1 << (code & 15)) &&
        (high[letter] as number) & (1 << (code >> 4));
      if (isIn) sum += frequencies[code] as number;
    }
    cost *= sum;
  }
  return cost;
}

/** The sets of one trigger. */
function setsOf({ letters, isAnyCase }: Pick<Row, 'letters' | 'isAnyCase'>): Group {
  const cased = isAnyCase ? [letters.toLowerCase(), letters.toUpperCase()] : [letters];
  const bits = (of: (code: number) => number): readonly number[] =>
    Array.from({ length: letterCount }, (_, letter) =>
      cased.reduce((sum, each) => sum | (1 << of(each.charCodeAt(letter))), 0),
    );
  return { low: bits((code) => code & 15), high: bits((code) => code >> 4) };
}

/** Each trigger joins the group that it makes the least larger. */
function grouped(): readonly Group[] {
  const groups = Array.from({ length: groupCount }, () => empty);
  const costs = groups.map(() => 0);
  for (const row of rows) {
    const sets = setsOf(row);
    let best = 0;
    let least = Infinity;
    for (const [index, group] of groups.entries()) {
      const more = costOf(joined(group, sets)) - (costs[index] as number);
      if (more < least) [best, least] = [index, more];
    }
    groups[best] = joined(groups[best] as Group, sets);
    costs[best] = (costs[best] as number) + least;
  }
  return groups;
}

/** Per letter 16 bytes by the lower four bits of a byte, and 16 by the upper: the groups as bits. */
export function groupTables(): Uint8Array {
  const tables = new Uint8Array(32 * letterCount);
  for (const [bit, { low, high }] of grouped().entries())
    for (let letter = 0; letter < letterCount; letter++)
      for (let half = 0; half < 16; half++) {
        const at = 32 * letter + half;
        if (((low[letter] as number) >> half) & 1) tables[at] = (tables[at] as number) | (1 << bit);
        if (((high[letter] as number) >> half) & 1)
          tables[at + 16] = (tables[at + 16] as number) | (1 << bit);
      }
  return tables;
}
