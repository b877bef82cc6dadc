/** What is otherwise in one configuration than in another, by the names of routes. */
export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

/** Both by route: its fingerprint (route-fingerprint.ts). */
export function differenceOf(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Difference {
  const [old, now] = [[...before.keys()], [...after.keys()]];
  const kept = now.filter((route) => before.has(route));
  const isSame = (route: string): boolean => before.get(route) === after.get(route);
  return {
    added: now.filter((route) => !before.has(route)),
    removed: old.filter((route) => !after.has(route)),
    changed: kept.filter((route) => !isSame(route)),
    unchanged: kept.filter(isSame),
  };
}
