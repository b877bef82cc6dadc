import { shortCount } from '../cell.ts';
import { rounded, spreadOf } from '../measure/statistics.ts';
import type { Freshness, Idle, Latency, Start, Throttled, Waits, Watched } from '../results.ts';
import { number, spreadText, table } from './table.ts';

export function latencyTable(lines: readonly Latency[]): string {
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

export function throttledTable(lines: readonly Throttled[]): string {
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

export function watchedTable(lines: readonly Watched[]): string {
  const good = lines.filter(({ failure }) => failure === undefined);
  const tabs = [...new Set(good.map((line) => line.tabs))].toSorted((a, b) => a - b);
  const rows = tabs.map((open) => {
    const runs = good.filter((line) => line.tabs === open);
    const spread = (value: (line: Watched) => number) => spreadOf(runs.map(value));
    return [
      ...[String(open), shortCount(runs[0]?.backlog ?? 0), String(runs.length)],
      spreadText(spread((line) => line.recordsPerSecond)),
      spreadText(
        spread((line) => line.cpuPer100k),
        2,
      ),
      number(spread((line) => line.asked).median),
    ];
  });
  if (rows.length === 0) return '';
  return `A drain into Elasticsearch while the console is open:\n\n${table(
    ['tabs', 'backlog', 'rounds', 'records/s', 'CPU s per 100,000', 'answers to the tabs'],
    rows,
  )}`;
}

export function idleTable(lines: readonly Idle[]): string {
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

export function startTable(lines: readonly Start[]): string {
  if (lines.length === 0) return '';
  const named = (line: Start): string => `${line.sink} ${shortCount(line.backlog)} ${line.pump}`;
  const rows = [...new Set(lines.map(named))].flatMap((name) => {
    const rounds = lines.filter((line) => named(line) === name && line.lost === 0);
    const [first] = rounds;
    if (first === undefined) return [];
    const spread = (value: (line: Start) => number): string =>
      spreadText(spreadOf(rounds.map(value)), 2);
    return [
      [
        ...[first.sink, shortCount(first.backlog), first.pump, String(rounds.length)],
        ...[spread((line) => line.emptyCpu), spread((line) => line.cpu - line.emptyCpu)],
      ],
    ];
  });
  return `CPU seconds of a start with nothing to do, and what a small backlog costs beyond it:\n\n${table(
    ['sink', 'backlog', 'pump', 'rounds', 'start', 'backlog beyond it'],
    rows,
  )}`;
}

export function freshnessTable(lines: readonly Freshness[]): string {
  if (lines.length === 0) return '';
  const rows = lines.map((line) => [
    line.pump,
    number(line.rate),
    line.delay === undefined ? 'unset' : number(line.delay),
    ...[line.p50, line.p99, line.max].map((age) => number(age / 1_000, 2)),
    number(line.late / 1_000, 2),
    number(line.cpuPercent, 1),
  ]);
  const titles = [
    ...['pump', 'records/s', 'purge_delay, s', 'age p50, s', 'p99', 'longest', 'of it the feeder'],
    '% of a core',
  ];
  return `How old records are when Elasticsearch has them, while they come at a steady rate:\n\n${table(titles, rows)}`;
}
