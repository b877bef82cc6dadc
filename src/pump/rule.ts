import type { Problem } from '../config/problem.ts';

/** A problem of a pump's options that one option alone cannot say. The kit adds where it was said. */
export type Rule = Pick<Problem, 'key' | 'found' | 'expected' | 'severity'>;

/** An option, or what is inside one: `tags[3]`, `custom_metrics[0].name`. */
type Key<Name extends string> = Name | `${Name}[${string}`;

type MakeRule<Options> = (
  key: Key<keyof Options & string>,
  found: string,
  expected: string,
) => Rule;

interface Rules<Options> {
  /** Stops the start. */
  readonly error: MakeRule<Options>;
  /** Is said at the start. */
  readonly warning: MakeRule<Options>;
}

/** Makes rules about options of a type, so that none names an option that is not there. */
export const rulesFor = <Options>(): Rules<Options> => ({
  error: (key, found, expected) => ({ key, found, expected, severity: 'error' }),
  warning: (key, found, expected) => ({ key, found, expected, severity: 'warning' }),
});
