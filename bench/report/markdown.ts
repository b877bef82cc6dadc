import { shortCount } from '../cell.ts';
import type { Line } from '../results.ts';
import { distanceTable } from './distance.ts';
import { type Group, groupsOf, timesOurs } from './groups.ts';
import {
  freshnessTable,
  idleTable,
  latencyTable,
  startTable,
  throttledTable,
  watchedTable,
} from './others.ts';
import { slopeTable } from './slopes.ts';
import { number, spreadText, table } from './table.ts';

/** All tables of a set of results, as Markdown. */
export function tablesOf(lines: readonly Line[]): string {
  const groups = groupsOf(lines);
  const sections = [
    machineText(lines),
    throughputTable(groups.filter(({ rtt }) => rtt === undefined)),
    distanceTable(groups.filter(({ rtt }) => rtt !== undefined)),
    slopeTable(groups),
    startTable(lines.filter((line) => line.kind === 'start')),
    freshnessTable(lines.filter((line) => line.kind === 'freshness')),
    latencyTable(lines.filter((line) => line.kind === 'latency')),
    throttledTable(lines.filter((line) => line.kind === 'throttled')),
    watchedTable(lines.filter((line) => line.kind === 'watched')),
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

function throughputTable(groups: readonly Group[]): string {
  if (groups.length === 0) return '';
  const titles = [
    ...['sink', 'records', 'backlog', 'pump', 'rounds', 'records/s', 'CPU s per 100,000'],
    ...['times ours', 'peak MiB', 'Redis commands per 1,000', 'Redis KiB per 1,000'],
  ];
  return table(
    titles,
    groups.map((group) => [
      group.sink,
      [
        group.size,
        group.encoding,
        ...(group.treatment === undefined ? [] : [group.treatment]),
      ].join(', '),
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
