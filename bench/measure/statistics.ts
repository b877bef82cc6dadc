/** Smallest, middle and largest of a measure's rounds. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The median of an even number of values is the mean of the middle two. Throws where there are none. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (min === undefined || max === undefined || low === undefined || high === undefined)
    throw new RangeError('A spread needs at least one value.');
  return { min, median: (low + high) / 2, max };
}

/** The smallest value that `percent` of all values do not exceed. Throws where there are none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError('A percentile needs at least one value.');
  return value;
}

/** So many digits after the point. */
export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
