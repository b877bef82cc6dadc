import { shortCount } from '../cell.ts';
import { rounded, type Spread, spreadOf } from '../measure/statistics.ts';
import type { Idle, Latency, Line, Throttled, Waits } from '../results.ts';
import { type Group, groupsOf, timesOurs } from './groups.ts';

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** `median (min – max)`; the median alone where all are the same. */
export function spreadText({ min, median, max }: Spread, digits = 0): string {
  const [low, middle, high] = [min, median, max].map((value) => number(value, digits));
  return low === high ? String(middle) : `${middle} (${low} – ${high})`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = titles.map((title) => (textColumns.has(title) ? '---' : '---:'));
  return [titles, line, ...rows].map(row).join('\n');
}
const textColumns = new Set(['sink', 'records', 'pump', 'lists', 'Redis']);

/** All tables of a set of results, as Markdown. */
export function tablesOf(lines: readonly Line[]): string {
  const sections = [
    machineText(lines),
    throughputTable(groupsOf(lines)),
    latencyTable(lines.filter((line) => line.kind === 'latency')),
    throttledTable(lines.filter((line) => line.kind === 'throttled')),
    idleTable(lines.filter((line) => line.kind === 'idle')),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** Each command once, with the machine as it was the last time: a bench that is continued says it again. */
function machineText(lines: readonly Line[]): string {
  const machines = lines.filter((line) => line.kind === 'machine');
  return [...new Map(machines.map((machine) => [machine.command, machine])).values()]
    .map(
      (machine) =>
        `- ${machine.at.slice(0, 10)}, commit ${machine.commit}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}, Redis ${machine.redis}, load before ${machine.load}.\n  \`${machine.command}\``,
    )
    .join('\n');
}

export function throughputTable(groups: readonly Group[]): string {
  if (groups.length === 0) return '';
  const titles = [
    ...['sink', 'records', 'backlog', 'pump', 'rounds', 'records/s', 'CPU s per 100,000'],
    ...['times ours', 'peak MiB', 'Redis commands per 1,000', 'Redis KiB per 1,000'],
  ];
  return table(
    titles,
    groups.map((group) => [
      group.sink,
      `${group.size}, ${group.encoding}`,
      shortCount(group.backlog),
      group.pump,
      group.failed === 0 ? String(group.rounds) : `${group.rounds}, ${group.failed} failed`,
      ...figureCells(group, timesOurs(group, groups)),
    ]),
  );
}

function figureCells({ figures }: Group, times: number | undefined): readonly string[] {
  if (figures === undefined) return ['–', '–', '–', '–', '–', '–'];
  return [
    spreadText(figures.recordsPerSecond),
    spreadText(figures.cpuPer100k, 2),
    times === undefined ? '' : number(times, 1),
    spreadText(figures.peakMiB),
    number(figures.redisCommandsPer1000.median, 1),
    number(figures.redisKiBPer1000.median),
  ];
}

function latencyTable(lines: readonly Latency[]): string {
  if (lines.length === 0) return '';
  const waits = ({ pings, p50, p99, p999, max }: Waits): readonly string[] => [
    number(pings),
    ...[p50, p99, p999, max].map((wait) => number(wait, 2)),
  ];
  const rows = lines.flatMap(({ pump, backlog, idle, draining }) => [
    [`at rest, before ${pump}`, ...waits(idle)],
    [`${pump} drains ${shortCount(backlog)}`, ...waits(draining)],
  ]);
  return `What another client of the same Redis waits for a PING, in milliseconds:\n\n${table(
    ['Redis', 'pings', 'p50', 'p99', 'p99.9', 'longest'],
    rows,
  )}`;
}

function throttledTable(lines: readonly Throttled[]): string {
  const good = lines.filter(({ failure }) => failure === undefined);
  const pumps = [...new Set(good.map(({ pump }) => pump))];
  const rows = pumps.flatMap((pump) => {
    const of = (isRefused: boolean) =>
      good.filter((l) => l.pump === pump && l.refused > 0 === isRefused);
    const [healthy, refused] = [of(false), of(true)];
    const [first] = refused;
    if (first === undefined || healthy.length === 0) return [];
    const [well, badly] = [healthy, refused].map((all) => spreadOf(all.map((l) => l.seconds)));
    if (well === undefined || badly === undefined) return [];
    const times = number(rounded(badly.median / well.median, 1), 1);
    return [[pump, shortCount(first.backlog), spreadText(well, 2), spreadText(badly, 2), times]];
  });
  if (rows.length === 0) return '';
  return `Elasticsearch that answers 429 to 30 % of the documents:\n\n${table(
    ['pump', 'backlog', 'seconds, healthy', 'seconds, 30 % refused', 'times'],
    rows,
  )}`;
}

function idleTable(lines: readonly Idle[]): string {
  if (lines.length === 0) return '';
  const rows = lines.map(({ pump, seconds, commandsPerSecond, cpuPercent }) => [
    pump,
    number(seconds),
    number(commandsPerSecond, 1),
    number(cpuPercent, 2),
  ]);
  return `With nothing to do, 22 lists and four routes:\n\n${table(
    ['pump', 'seconds watched', 'Redis commands per second', '% of a core'],
    rows,
  )}`;
}
