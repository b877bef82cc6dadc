import type { CountedViolation } from '../../model/compare/violation-book.ts';
import type { ModelSummary } from '../../model/output/summary.ts';
import { timeOf } from './time.ts';

/** For programs: times in UTC, durations in seconds. */
export const summaryInJson = ({ calls, lost, operations }: ModelSummary): object => ({
  ...{ calls, lost },
  operations: operations.map(({ p95, firstSeen, lastSeen, ...operation }) => ({
    ...operation,
    p95: p95 / 1000,
    firstSeen: timeOf(firstSeen),
    lastSeen: timeOf(lastSeen),
  })),
});

export const violationsInJson = (
  violations: readonly CountedViolation[],
  others: number,
): object => ({
  violations: violations.map(({ firstSeen, lastSeen, examples, ...violation }) => ({
    ...violation,
    firstSeen: timeOf(firstSeen),
    lastSeen: timeOf(lastSeen),
    examples: examples.map(([record, time]) => ({ record, time: timeOf(time) })),
  })),
  others,
});
