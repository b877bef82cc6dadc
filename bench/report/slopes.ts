import { type Cell, cellName, shortCount } from '../cell.ts';
import { type Group, isOurs } from './groups.ts';
import { number, table } from './table.ts';

interface Slope {
  readonly small: Group;
  readonly large: Group;
  /** CPU seconds per 100,000 records between the two backlogs. */
  readonly cpu: number;
}

/**
 * What further records cost: the difference between two backlogs of the same large records, so without the start and most of
 * the compiling, which few large records cannot spread.
 */
export function slopeTable(groups: readonly Group[]): string {
  const slopes = groups
    .filter(({ size }) => size === '10KB')
    .flatMap((one) => slopeFrom(one, groups));
  if (slopes.length === 0) return '';
  const rows = slopes.map(({ small, large, cpu }) => {
    const own = slopes.find(({ large: other }) => isOurs(other.pump) && isSame(other, large));
    const times = isOurs(large.pump) || own === undefined ? '' : number(cpu / own.cpu, 1);
    return [
      ...[large.sink, [large.size, large.encoding].join(', '), large.pump],
      ...[`${shortCount(small.backlog)} to ${shortCount(large.backlog)}`, number(cpu, 2), times],
    ];
  });
  const titles = ['sink', 'records', 'pump', 'backlogs', 'CPU s per further 100,000', 'times ours'];
  return `What further records of 10 KB cost, between two backlogs:\n\n${table(titles, rows)}`;
}

/** From a backlog to the largest of the same kind; none from that one itself. */
function slopeFrom(small: Group, groups: readonly Group[]): readonly Slope[] {
  const kin = groups.filter((other) => other.pump === small.pump && isKin(other, small));
  const [large] = kin.toSorted((a, b) => b.backlog - a.backlog);
  const [smallCpu, largeCpu] = [cpuOf(small), large && cpuOf(large)];
  if (smallCpu === undefined || largeCpu === undefined || large === undefined) return [];
  if (large.backlog <= small.backlog) return [];
  const cpu = ((largeCpu - smallCpu) / (large.backlog - small.backlog)) * 100_000;
  return [{ small, large, cpu }];
}

const isKin = (one: Cell, other: Cell): boolean =>
  cellName({ ...one, backlog: 0 }) === cellName({ ...other, backlog: 0 });
const isSame = (one: Cell, other: Cell): boolean => cellName(one) === cellName(other);

/** Of the whole backlog, in seconds. */
const cpuOf = ({ figures, backlog }: Group): number | undefined =>
  figures && (figures.cpuPer100k.median * backlog) / 100_000;
