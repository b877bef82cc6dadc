import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import { recordWhere } from '../where.ts';
import { recordOf } from './record-of.ts';

export type Where =
  | { readonly ok: true; readonly holds: (letter: DeadLetter) => boolean }
  /** Lines for people. */
  | { readonly ok: false; readonly lines: readonly string[] };

/** `--where`: letters whose record the expression selects (docs/query.md). What is no record of a call is never selected. */
export function whereOf(text: string): Where {
  if (text === '') return { ok: true, holds: () => true };
  const where = recordWhere(text);
  if (!where.ok) return where;
  return {
    ok: true,
    holds(letter) {
      const decoded = recordOf(letter);
      return decoded?.decoder.records === 'analytics' && where.selects(decoded.record);
    },
  };
}
