import { nearest } from '../../lib/nearest.ts';

/** What a misspelt, longer or shortened name was probably meant to be. */
export function meant(given: string, known: readonly string[]): string | undefined {
  const isPartOf = (a: string, b: string): boolean => a.length >= 3 && b.startsWith(a);
  return (
    nearest(given, known) ?? known.find((name) => isPartOf(name, given) || isPartOf(given, name))
  );
}

export const hint = (name: string | undefined): string =>
  name === undefined ? '' : ` (did you mean '${name}'?)`;
