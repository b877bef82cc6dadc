import type { EffectiveValue } from '../config/effective.ts';
import { verbatim } from './json.ts';

/** The configuration in force, for programs: what `sluice config --json` prints and the API answers. */
export const configInJson = (values: readonly EffectiveValue[]): object => ({
  config: verbatim(
    JSON.stringify(
      values.map(({ key, value, isSecret, from: { kind, ...from } }) => ({
        ...{ key, value, secret: isSecret, from: kind, ...from },
      })),
    ),
  ),
});
