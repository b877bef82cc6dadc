import { most } from '../bounds.ts';
import { newStats, type ValueStats } from './stats.ts';

/** Both as one, in the first. The order makes no difference. */
export function mergeStats(into: ValueStats, other: ValueStats): ValueStats {
  into.seen += other.seen;
  into.nulls += other.nulls;
  into.booleans += other.booleans;
  into.integers += other.integers;
  into.large += other.large;
  into.fractions += other.fractions;
  into.strings += other.strings;
  addCounts(into.formats, other.formats);
  into.values = mergedValues(into.values, other.values);
  into.arrays += other.arrays;
  into.items = merged(into.items, other.items);
  into.objects += other.objects;
  for (const [name, member] of other.members) {
    const own = into.members.get(name);
    if (own === undefined) into.members.set(name, member);
    else mergeStats(own, member);
  }
  into.entries = merged(into.entries, other.entries);
  return into;
}

function merged(
  one: ValueStats | undefined,
  other: ValueStats | undefined,
): ValueStats | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return mergeStats(one, other);
}

function mergedValues(
  one: Map<string, number> | undefined,
  other: Map<string, number> | undefined,
): Map<string, number> | undefined {
  if (one === undefined || other === undefined) return undefined;
  addCounts(one, other);
  return one.size > most.enumValues ? undefined : one;
}

export function addCounts<K>(into: Map<K, number>, other: ReadonlyMap<K, number>): void {
  for (const [key, count] of other) into.set(key, (into.get(key) ?? 0) + count);
}

/** Of two maps by name; what both have becomes one. */
export function mergeNamed(
  into: Map<string, ValueStats>,
  other: ReadonlyMap<string, ValueStats>,
): void {
  for (const [name, stats] of other)
    into.set(name, mergeStats(into.get(name) ?? newStats(), stats));
}
