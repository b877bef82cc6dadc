import type { Change } from '../../model/compare/diff.ts';
import type { CountedViolation } from '../../model/compare/violation-book.ts';
import type { ModelSummary } from '../../model/output/summary.ts';
import { table } from '../table.ts';
import { timeOf } from './time.ts';

export function summaryLines({ calls, lost, operations }: ModelSummary): readonly string[] {
  const rows = operations.map(({ host, method, path, calls: count, statuses, p95, lastSeen }) => [
    ...[host, method, path, String(count)],
    Object.keys(statuses).join(' '),
    `${String(p95)} ms`,
    timeOf(lastSeen),
  ]);
  const leftOut = Object.entries(lost).map(([what, count]) => `${what} ${String(count)}`);
  return [
    ...table([['host', 'method', 'path', 'calls', 'statuses', 'p95', 'last seen'], ...rows]),
    '',
    `${String(operations.length)} operations in ${String(calls)} calls`,
    ...(leftOut.length > 0 ? [`left out at a bound: ${leftOut.join(', ')}`] : []),
  ];
}

export function changeLines(changes: readonly Change[]): readonly string[] {
  if (changes.length === 0) return ['no changes'];
  const breaking = changes.filter(({ isBreaking }) => isBreaking).length;
  return [
    ...table(
      changes.map(({ isBreaking, host, method, path, place, what }) => [
        ...[isBreaking ? 'breaking' : '', `${method} ${host}${path}`, place, what],
      ]),
    ),
    '',
    `${String(changes.length)} changes, ${String(breaking)} of them breaking`,
  ];
}

export function violationLines(
  violations: readonly CountedViolation[],
  others: number,
): readonly string[] {
  if (violations.length === 0) return ['no violations'];
  return [
    ...table([
      ['times', 'operation', 'place', 'what', 'last seen', 'examples'],
      ...violations.map(({ count, host, method, path, place, what, lastSeen, examples }) => [
        ...[String(count), `${method} ${host}${path}`, place, what, timeOf(lastSeen)],
        examples.map(([id]) => id).join(' '),
      ]),
    ]),
    ...(others > 0
      ? ['', `${String(others)} more of other kinds, for which there was no room`]
      : []),
  ];
}
