import type { ValueStats } from '../values/stats.ts';

/** What was seen of bodies of one media type. */
export interface BodyStats {
  count: number;
  /** Those that could not be looked into. */
  unread: number;
  /** Of a form or a multipart body: of an object with its fields. */
  value: ValueStats;
  /** Fields that were files. */
  files: Set<string>;
}

export interface ResponseStats {
  count: number;
  /** Of them, those whose payload was recorded. */
  recorded: number;
  headers: Map<string, ValueStats>;
  bodies: Map<string, BodyStats>;
}

/** What was seen of one method of one path. Times in milliseconds since 1970. */
export interface Operation {
  count: number;
  /** Of them, those whose request was recorded: what follows is of these. */
  recorded: number;
  firstSeen: number;
  lastSeen: number;
  query: Map<string, ValueStats>;
  headers: Map<string, ValueStats>;
  /** Names, with the number of calls. */
  cookies: Map<string, number>;
  auth: Map<string, number>;
  bodies: Map<string, BodyStats>;
  /** By status; 0: no answer. */
  responses: Map<number, ResponseStats>;
  latency: LatencyStats;
}

export interface LatencyStats {
  /** Milliseconds. */
  sum: number;
  max: number;
  /** By bucket: [0, 1), [1, 2), [2, 4), [4, 8) … milliseconds. */
  buckets: number[];
}

export const newOperation = (): Operation => ({
  count: 0,
  recorded: 0,
  firstSeen: Number.POSITIVE_INFINITY,
  lastSeen: Number.NEGATIVE_INFINITY,
  query: new Map(),
  headers: new Map(),
  cookies: new Map(),
  auth: new Map(),
  bodies: new Map(),
  responses: new Map(),
  latency: { sum: 0, max: 0, buckets: [] },
});

export const newResponse = (): ResponseStats => ({
  count: 0,
  recorded: 0,
  headers: new Map(),
  bodies: new Map(),
});

const mostBuckets = 24;

export function learnLatency(latency: LatencyStats, millis: number): void {
  if (!Number.isFinite(millis) || millis < 0) return;
  latency.sum += millis;
  latency.max = Math.max(latency.max, millis);
  const bucket = millis < 1 ? 0 : Math.min(mostBuckets - 1, Math.floor(Math.log2(millis)) + 1);
  while (latency.buckets.length <= bucket) latency.buckets.push(0);
  latency.buckets[bucket] = (latency.buckets[bucket] ?? 0) + 1;
}

/** The upper end of the bucket in which this share of the calls ends, at most the slowest. */
export function quantile({ buckets, max }: LatencyStats, share: number): number {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [bucket, count] of buckets.entries()) {
    below += count;
    if (total > 0 && below >= share * total) return Math.min(max, 2 ** bucket);
  }
  return 0;
}
