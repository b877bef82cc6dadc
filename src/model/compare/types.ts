import type { ValueStats } from '../values/stats.ts';

/** The types of JSON Schema that were seen, in a fixed order. `integer` where no number had a fraction. */
export function typesOf(stats: ValueStats): readonly string[] {
  const types: string[] = [];
  if (stats.objects > 0) types.push('object');
  if (stats.arrays > 0) types.push('array');
  if (stats.strings > 0) types.push('string');
  if (stats.fractions > 0) types.push('number');
  else if (stats.integers > 0) types.push('integer');
  if (stats.booleans > 0) types.push('boolean');
  if (stats.nulls > 0) types.push('null');
  return types;
}
