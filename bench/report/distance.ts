import { shortCount } from '../cell.ts';
import { type Group, shareOfNear } from './groups.ts';
import { number, spreadText, table } from './table.ts';

/** What a distance to Redis costs each pump. */
export function distanceTable(groups: readonly Group[]): string {
  if (groups.length === 0) return '';
  const titles = [
    ...['sink', 'backlog', 'pump', 'round trip, ms', 'rounds', 'records/s', 'of its own at 0 ms'],
    'seconds, start included',
  ];
  const rows = groups.map((group) => [
    group.sink,
    shortCount(group.backlog),
    group.pump,
    String(group.rtt),
    group.failed === 0 ? String(group.rounds) : `${group.rounds}, ${group.failed} failed`,
    ...figureCells(group, shareOfNear(group, groups)),
  ]);
  return `With a delaying proxy between pump and Redis, and the backlog in all 22 lists:\n\n${table(titles, rows)}`;
}

function figureCells({ figures }: Group, share: number | undefined): readonly string[] {
  if (figures === undefined) return ['–', '–', '–'];
  return [
    spreadText(figures.recordsPerSecond),
    share === undefined ? '' : number(share, 2),
    figures.secondsFromStart === undefined ? '' : spreadText(figures.secondsFromStart, 1),
  ];
}
