import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Redis } from 'ioredis';
import type { Instance } from '../instance.ts';
import type { Tolerance } from './judge.ts';

const mebibyte = 1024 * 1024;
/** Milliseconds; they say it once a second. */
const freshFor = 10_000;

/**
 * What must not grow, and by how much it may all the same over the time that is judged: the same for ten minutes and for a day, so that a
 * longer run sees slower leaks.
 */
export const measures = {
  /** Bytes that the process has resident: what a backlog wanted once stays for long, so that this goes up and down by a tenth. */
  rss: { absolute: 64 * mebibyte, share: 0.15 },
  /** Bytes of JavaScript, all threads. */
  heap: { absolute: 24 * mebibyte, share: 0.15 },
  descriptors: { absolute: 8, share: 0 },
  redis_keys: { absolute: 12, share: 0 },
  redis_bytes: { absolute: 24 * mebibyte, share: 0.15 },
  /** Entries of all manifests. */
  stream_entries: { absolute: 200, share: 0 },
} as const satisfies Readonly<Record<string, Tolerance>>;

export type Measure = keyof typeof measures;
export const measureNames = Object.keys(measures) as readonly Measure[];

export type Figures = Readonly<Record<Measure, number>>;

/** Undefined where Redis or the pump did not answer: one of them is away for a moment. */
export async function measure(
  pump: Instance,
  redis: Redis,
  heapFolder: string,
): Promise<Figures | undefined> {
  try {
    const [keys, memory, manifests] = await Promise.all([
      redis.dbsize(),
      redis.info('memory'),
      redis.keys('{*}:manifest'),
    ]);
    const lengths = await Promise.all(manifests.map((key) => redis.xlen(key)));
    return {
      rss: residentMemory(pump.pid),
      heap: heapOf(heapFolder),
      descriptors: readdirSync(`/proc/${pump.pid}/fd`).length,
      redis_keys: keys,
      redis_bytes: Number(/used_memory:(\d+)/.exec(memory)?.[1]),
      stream_entries: lengths.reduce((sum, length) => sum + length, 0),
    };
  } catch {
    return undefined;
  }
}

/** What the threads that live have told of themselves (watch-heap.cjs). */
function heapOf(folder: string): number {
  const files = readdirSync(folder).map((name) => path.join(folder, name));
  const fresh = files.filter((file) => Date.now() - statSync(file).mtimeMs < freshFor);
  return fresh.reduce((sum, file) => sum + Number(readFileSync(file, 'utf8')), 0);
}

/** The sum of a metric's series on the pump's page, or the series itself. */
export async function metricsOf(pump: Instance): Promise<(name: string) => number> {
  const answer = await fetch(`http://127.0.0.1:${pump.healthPort}/metrics`, {
    signal: AbortSignal.timeout(5_000),
  });
  const lines = (await answer.text()).split('\n');
  return (name) =>
    lines
      .filter((line) => [' ', '{'].some((end) => line.startsWith(`${name}${end}`)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

function residentMemory(pid: number): number {
  const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}
