import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Cell } from './cell.ts';
import type { Machine } from './measure/machine.ts';

/** One pump draining one backlog once. */
export interface Run extends Cell {
  readonly kind: 'run';
  readonly pump: string;
  readonly round: number;
  /** Why the run does not count: records lost or invented, the pump ended. Its figures mean nothing then. */
  readonly failure?: string;
  readonly note?: string;
  /** From the first change of the list to the last record in the sink. */
  readonly recordsPerSecond: number;
  readonly seconds: number;
  /** From the start of the process to the last record in the sink; older lines have none. */
  readonly secondsFromStart?: number;
  /** User and system seconds of the pump's processes from their start, per 100,000 records. */
  readonly cpuPer100k: number;
  /** Of these seconds, what was used before the list changed: the start of the process. */
  readonly startCpu: number;
  /** Highest resident memory, in MiB. */
  readonly peakMiB: number;
  readonly redisCommandsPer1000: number;
  readonly redisKiBPer1000: number;
  readonly lost: number;
  readonly invented: number;
  /** Cores used meanwhile by what is no part of the bench. */
  readonly foreignCores: number;
}

/** How long another client of the same Redis waits for an answer, in milliseconds. */
export interface Waits {
  readonly pings: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface Latency {
  readonly kind: 'latency';
  readonly pump: string;
  readonly backlog: number;
  readonly idle: Waits;
  readonly draining: Waits;
}

export interface Idle {
  readonly kind: 'idle';
  readonly pump: string;
  readonly seconds: number;
  readonly commandsPerSecond: number;
  /** Of one core. */
  readonly cpuPercent: number;
}

/** How long a backlog takes when a share of the documents is answered 429, and when none is. */
export interface Throttled {
  readonly kind: 'throttled';
  readonly pump: string;
  readonly backlog: number;
  readonly round: number;
  /** In percent. */
  readonly refused: number;
  readonly seconds: number;
  readonly failure?: string;
}

/** What a drain costs while so many tabs have the console open. */
export interface Watched extends Pick<Run, 'seconds' | 'recordsPerSecond' | 'cpuPer100k'> {
  readonly kind: 'watched';
  readonly pump: string;
  readonly backlog: number;
  readonly round: number;
  readonly tabs: number;
  /** Answers that all tabs had together. */
  readonly asked: number;
  readonly failure?: string;
}

/** How old records are when the sink has them, in milliseconds, while so many come each second. */
export interface Freshness {
  readonly kind: 'freshness';
  readonly pump: string;
  readonly rate: number;
  /** `purge_delay` in seconds; left out: not set. */
  readonly delay?: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** By how much the feeder was late with one pipeline in a hundred: part of the ages. */
  readonly late: number;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly missing: number;
}

/** Seconds of processor time some seconds after a start: with nothing to do, and with a small backlog. */
export interface Start {
  readonly kind: 'start';
  readonly pump: string;
  readonly sink: string;
  readonly backlog: number;
  readonly round: number;
  readonly emptyCpu: number;
  readonly cpu: number;
  readonly lost: number;
}

export type Line = Machine | Run | Latency | Idle | Throttled | Watched | Freshness | Start;

/** All lines of the files; a file that is not there has none. */
export const readLines = (files: readonly string[]): readonly Line[] =>
  files
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line.trim() !== '')
    // Written by ourselves.
    .map((line) => JSON.parse(line) as Line);

/** Where results go as they come, so that an interrupted bench keeps what it has. */
export type Keep = (line: Line) => void;

export const keeperOf =
  (file: string | undefined): Keep =>
  (line) => {
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
  };
