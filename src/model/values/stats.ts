/**
 * What was seen of the values at one place: of a parameter, of a member, of a body. Plain data, so that it can be stored;
 * maps, so that no name that a record brings means anything.
 */
export interface ValueStats {
  /** Values, of whatever type. */
  seen: number;
  nulls: number;
  booleans: number;
  integers: number;
  /** Of the integers, those beyond 32 bits. */
  large: number;
  /** Numbers with a fraction, or beyond what is exact. */
  fractions: number;
  strings: number;
  /** Texts by their format; '' has none. */
  formats: Map<string, number>;
  /** Texts that may be an enumeration; undefined: there were too many, or some that must not be shown. */
  values: Map<string, number> | undefined;
  arrays: number;
  items: ValueStats | undefined;
  objects: number;
  members: Map<string, ValueStats>;
  /** Of all members whose names are keys of a map. */
  entries: ValueStats | undefined;
}

export const newStats = (): ValueStats => ({
  seen: 0,
  nulls: 0,
  booleans: 0,
  integers: 0,
  large: 0,
  fractions: 0,
  strings: 0,
  formats: new Map(),
  values: new Map(),
  arrays: 0,
  items: undefined,
  objects: 0,
  members: new Map(),
  entries: undefined,
});

/** Places in it, itself included. */
export function placesIn(stats: ValueStats): number {
  let places = 1;
  if (stats.items !== undefined) places += placesIn(stats.items);
  if (stats.entries !== undefined) places += placesIn(stats.entries);
  for (const member of stats.members.values()) places += placesIn(member);
  return places;
}
