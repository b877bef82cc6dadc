import type { Comparison, Instant } from '../../query/tree.ts';
import { latestMicros } from '../store/columns.ts';
import { type Approximation, condition, exactly } from './sql.ts';

/** The column has microseconds, cut off: an instant between two of them leaves the records of one microsecond open. */
export function timeCondition(operator: Comparison, { seconds, nanos }: Instant): Approximation {
  const micros = seconds * 1e6 + Math.floor(nanos / 1000);
  if (Math.abs(micros) >= latestMicros) return { upper: true, lower: false };
  const isWhole = nanos % 1000 === 0;
  const before = condition('time < ?', micros);
  const upTo = condition('time <= ?', micros);
  const from = condition('time >= ?', micros);
  const after = condition('time > ?', micros);
  switch (operator) {
    case '<':
      return isWhole ? exactly(before) : { upper: upTo, lower: before };
    case '<=':
      return { upper: upTo, lower: before };
    case '>=':
      return isWhole ? exactly(from) : { upper: from, lower: after };
    case '>':
      return { upper: from, lower: after };
  }
  return operator satisfies never;
}
