/**
 * What becomes of each field of a Tyk definition. Obeyed fields are options, as of a configuration. The others are ignored,
 * where that changes nothing for a call, or refused: a definition is never obeyed in part.
 */
import type { OptionSet } from '#source';

export type Other =
  | {
      readonly treatment: 'ignored';
      readonly why: string;
      /** Most files have it, and nobody expects anything of it: no warning. */
      readonly isQuiet?: true;
    }
  | {
      readonly treatment: 'refused';
      readonly why: string;
      /** The member that switches it on: while it is not true, the rest has no effect. */
      readonly switchedOnBy?: string;
    };

/** The fields of one object of a definition. */
export interface Section<S extends OptionSet = OptionSet> {
  readonly obeyed: S;
  readonly others: Readonly<Record<string, Other>>;
  /** Names of members that are objects with a section of their own. */
  readonly sections: readonly string[];
}

export const ignored = (why: string): Other => ({ treatment: 'ignored', why });
export const quiet = (why: string): Other => ({ treatment: 'ignored', why, isQuiet: true });
export const refused = (why: string, switchedOnBy?: string): Other => ({
  treatment: 'refused',
  why,
  ...(switchedOnBy === undefined ? {} : { switchedOnBy }),
});

/** Whether a value asks for anything: what Go writes for "nothing" does not, nor do lists of what is disabled. */
export function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '')
    return false;
  if (Array.isArray(value)) return value.some(isSet);
  if (typeof value !== 'object') return true;
  const members = value as Readonly<Record<string, unknown>>;
  return members['disabled'] !== true && Object.values(members).some(isSet);
}
