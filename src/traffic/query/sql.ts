/** Conditions of SQL with their values; `true` and `false` are known without asking. */
import type { Cell } from '../libsql.ts';

/** A value, or one that each volume has another of: the blocks where all these texts may be. */
export type Value = Cell | Needles;

export interface Needles {
  readonly needles: readonly Buffer[];
}

export type Condition = boolean | { readonly text: string; readonly values: readonly Value[] };

export const condition = (text: string, ...values: readonly Value[]): Condition => ({
  text,
  values,
});

export const all = (conditions: readonly Condition[]): Condition =>
  joined(conditions, 'AND', false);

export const any = (conditions: readonly Condition[]): Condition => joined(conditions, 'OR', true);

export function negation(of: Condition): Condition {
  return typeof of === 'boolean' ? !of : { text: `NOT (${of.text})`, values: of.values };
}

/** As text for a WHERE. */
export const whereOf = (
  of: Condition,
): { readonly text: string; readonly values: readonly Value[] } =>
  typeof of === 'boolean' ? { text: of ? '1' : '0', values: [] } : of;

/** As a balanced tree: SQLite’s are at most a thousand levels high. `decides` is the one that makes all others idle. */
function joined(conditions: readonly Condition[], word: string, decides: boolean): Condition {
  if (conditions.includes(decides)) return decides;
  const open = conditions.filter((each) => typeof each !== 'boolean');
  const [only] = open;
  if (only === undefined) return !decides;
  if (open.length === 1) return only;
  const half = open.length >> 1;
  const [left, right] = [open.slice(0, half), open.slice(half)].map((part) =>
    whereOf(joined(part, word, decides)),
  );
  return {
    text: `(${left?.text ?? ''} ${word} ${right?.text ?? ''})`,
    values: [...(left?.values ?? []), ...(right?.values ?? [])],
  };
}

/** `upper` holds wherever a query does, `lower` nowhere else (approximate.ts). */
export interface Approximation {
  readonly upper: Condition;
  readonly lower: Condition;
}

export const exactly = (of: Condition): Approximation => ({ upper: of, lower: of });
