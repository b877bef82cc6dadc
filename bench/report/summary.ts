import { cellName } from '../cell.ts';
import type { Line } from '../results.ts';
import { groupsOf, shareOfNear, timesOurs } from './groups.ts';
import { spreadText } from './table.ts';

/** Median (min – max) of every cell on the terminal. 1 where a round failed, for then something was lost or broke. */
export function printSummary(lines: readonly Line[]): number {
  const groups = groupsOf(lines);
  for (const group of groups) {
    const { figures, failed, rounds } = group;
    const times = timesOurs(group, groups);
    const share = group.rtt === undefined ? undefined : shareOfNear(group, groups);
    const text =
      figures === undefined
        ? 'no round counts'
        : [
            `${spreadText(figures.recordsPerSecond)} records/s`,
            `${spreadText(figures.cpuPer100k, 2)} CPU s/100k`,
            `${spreadText(figures.peakMiB)} MiB`,
            ...(share === undefined ? [] : [`${share.toFixed(2)} of its own at 0 ms`]),
            ...(times === undefined ? [] : [`${times.toFixed(1)} times ours`]),
          ].join(', ');
    const failures = failed === 0 ? '' : `, ${failed} FAILED`;
    console.log(`${cellName(group)} · ${group.pump} · ${rounds} rounds${failures}: ${text}`);
  }
  return groups.some(({ failed }) => failed > 0) ? 1 : 0;
}
