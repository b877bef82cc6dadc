import type { Millis } from '../../lib/units.ts';
import type { ReasonCount } from '../../operate/dead/by-reason.ts';
import { count } from '../progress.ts';
import { table } from '../table.ts';
import { age } from './print.ts';

const titles = ['LETTERS', 'ROUTE', 'KIND', 'LAST', 'REASON'];

/** Most first. */
export const reasonTable = (counts: readonly ReasonCount[], now: Millis): readonly string[] =>
  table([
    titles,
    ...counts.map(({ letters, route, kind, last, reason }) => [
      ...[count(letters), route, kind, age(now - Date.parse(last))],
      reason ?? '(other reasons)',
    ]),
  ]);
