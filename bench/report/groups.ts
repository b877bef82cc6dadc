import type { Cell } from '../cell.ts';
import { cellName } from '../cell.ts';
import { type Spread, spreadOf } from '../measure/statistics.ts';
import type { Line, Run } from '../results.ts';

/** The good rounds of one pump in one cell. */
export interface Group extends Cell {
  readonly pump: string;
  readonly rounds: number;
  /** Rounds that do not count. */
  readonly failed: number;
  /** Undefined where no round counts. */
  readonly figures: Figures | undefined;
}

export interface Figures {
  readonly recordsPerSecond: Spread;
  readonly cpuPer100k: Spread;
  readonly peakMiB: Spread;
  readonly redisCommandsPer1000: Spread;
  readonly redisKiBPer1000: Spread;
  /** Undefined where the lines are older than the figure. */
  readonly secondsFromStart: Spread | undefined;
}

/** One group for each pump and cell, in the order in which they first come. */
export function groupsOf(lines: readonly Line[]): readonly Group[] {
  const runs = new Map<string, Run[]>();
  for (const line of lines) {
    if (line.kind !== 'run') continue;
    const key = `${cellName(line)} ${line.pump}`;
    runs.set(key, [...(runs.get(key) ?? []), line]);
  }
  return [...runs.values()].flatMap(groupOf);
}

function groupOf(runs: readonly Run[]): readonly Group[] {
  const [first] = runs;
  if (first === undefined) return [];
  const good = runs.filter(({ failure }) => failure === undefined);
  const { sink, size, encoding, backlog, treatment, rtt, pump } = first;
  const rounds = good.length;
  // A round that failed and was run again counts once.
  const goodRounds = new Set(good.map(({ round }) => round));
  const failed = new Set(runs.map(({ round }) => round).filter((round) => !goodRounds.has(round)));
  return [
    {
      ...{ sink, size, encoding, backlog, pump, rounds },
      ...(treatment === undefined ? {} : { treatment }),
      ...(rtt === undefined ? {} : { rtt }),
      failed: failed.size,
      figures: rounds === 0 ? undefined : figuresOf(good),
    },
  ];
}

function figuresOf(runs: readonly Run[]): Figures {
  const spread = (figure: Exclude<keyof Figures, 'secondsFromStart'>): Spread =>
    spreadOf(runs.map((run) => run[figure]));
  const fromStart = runs.flatMap(({ secondsFromStart }) => secondsFromStart ?? []);
  return {
    recordsPerSecond: spread('recordsPerSecond'),
    cpuPer100k: spread('cpuPer100k'),
    peakMiB: spread('peakMiB'),
    redisCommandsPer1000: spread('redisCommandsPer1000'),
    redisKiBPer1000: spread('redisKiBPer1000'),
    secondsFromStart: fromStart.length === 0 ? undefined : spreadOf(fromStart),
  };
}

/** How many times our processor time another pump takes in the same cell; undefined where one has no figures. */
export function timesOurs(group: Group, groups: readonly Group[]): number | undefined {
  if (isOurs(group.pump)) return undefined;
  const own = groups.find(
    (other) => isOurs(other.pump) && cellName(other) === cellName(group) && other.figures,
  );
  if (own?.figures === undefined || group.figures === undefined) return undefined;
  return group.figures.cpuPer100k.median / own.figures.cpuPer100k.median;
}

/** The share of its own rate beside Redis that a pump keeps at a distance; undefined where it was not measured there. */
export function shareOfNear(group: Group, groups: readonly Group[]): number | undefined {
  const name = cellName({ ...group, rtt: 0 });
  const near = groups.find((other) => other.pump === group.pump && cellName(other) === name);
  if (near?.figures === undefined || group.figures === undefined) return undefined;
  return group.figures.recordsPerSecond.median / near.figures.recordsPerSecond.median;
}

export const isOurs = (pump: string): boolean => pump.startsWith('sluice');
