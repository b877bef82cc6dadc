import { readGoDuration } from '../../config/options/go-values.ts';
import { type Millis, millis } from '../../lib/units.ts';

/** One flag of a command: how its value is read, and what --help says. Keyed by its long name. */
export interface Flag<T> {
  readonly doc: string;
  readonly short: string | undefined;
  /** Stands for the value in the help; undefined for a flag without one (`--name`, `--no-name`). */
  readonly placeholder: string | undefined;
  readonly initial: T;
  /** Says it where the line does not. */
  readonly variable: string | undefined;
  readonly isRepeatable: boolean;
  /** What the given texts say, more than one only where repeatable; undefined: not understood. */
  readonly read: (given: readonly string[]) => T | undefined;
  /** What a text should have been. */
  readonly expected: string;
}

/** Flags by long name. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

interface Said {
  readonly doc: string;
  readonly short?: string;
  readonly placeholder?: string;
  readonly variable?: string;
}

export const flag = (from: Said): Flag<boolean> => ({
  ...common(from),
  placeholder: undefined,
  initial: false,
  read: one((given) => (given === 'true' ? true : given === 'false' ? false : undefined)),
  expected: '`true` or `false`',
});

export const text = (from: Said & { readonly initial?: string }): Flag<string> => ({
  ...common(from),
  initial: from.initial ?? '',
  read: one((given) => given),
  expected: 'a text',
});

export const texts = (from: Said): Flag<readonly string[]> => ({
  ...common(from),
  initial: [],
  isRepeatable: true,
  read: (given) => given,
  expected: 'a text',
});

export const integer = (
  from: Said & { readonly initial: number; readonly least?: number; readonly most?: number },
): Flag<number> => ({
  ...common({ placeholder: 'N', ...from }),
  initial: from.initial,
  read: one((given) => {
    const value = /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
    const { least = value, most = value } = from;
    return Number.isSafeInteger(value) && value >= least && value <= most ? value : undefined;
  }),
  expected:
    from.most === undefined
      ? from.least === undefined
        ? 'an integer'
        : `an integer of at least ${from.least}`
      : `an integer from ${from.least ?? 0} to ${from.most}`,
});

/** In milliseconds; 0: not said. */
export const time = (from: Said): Flag<Millis> => ({
  ...common(from),
  initial: millis(0),
  read: one((given) => {
    const reading = readGoDuration(given);
    return reading.ok && reading.value > 0 ? millis(reading.value) : undefined;
  }),
  expected: 'a time with its unit, such as 30s, 5m or 1h',
});

export const fraction = (from: Said & { readonly initial: number }): Flag<number> => ({
  ...common({ placeholder: 'FRACTION', ...from }),
  initial: from.initial,
  read: one((given) => {
    const value = /^\d*\.?\d+$/.test(given) ? Number(given) : Number.NaN;
    return value <= 1 ? value : undefined;
  }),
  expected: 'a number from 0 to 1',
});

export const choice = <const C extends string>(
  from: Said & { readonly of: readonly [C, ...C[]] },
): Flag<C> => ({
  ...common({ placeholder: from.of.join('|'), ...from }),
  initial: from.of[0],
  read: one((given) => from.of.find((candidate) => candidate === given)),
  expected: `one of ${from.of.join(', ')}`,
});

const common = ({ doc, short, placeholder = 'TEXT', variable }: Said) => ({
  doc,
  short,
  placeholder,
  variable,
  isRepeatable: false,
});

const one =
  <T>(read: (given: string) => T | undefined) =>
  ([given = '']: readonly string[]): T | undefined =>
    read(given);
