/** What stands for values beyond the bound. */
const others = 'other';

/** Label values from outside, such as addresses and paths: the first so many are shown, and all others as one. */
export function boundedLabel(most: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= most) return others;
    known.add(value);
    return value;
  };
}
