import type { Asked } from './asked.ts';
import { type Budget, scan } from './scan.ts';
import type { VolumeReader } from './volume-reader.ts';

interface Sum {
  readonly calls: number;
  readonly errors: number;
  /** Milliseconds, of all together. */
  readonly latency: number;
}

const errors = 'response_code >= 500 OR response_code = 0';
const mostRows = 1_000_000_000;

/** Sums by the value of an expression: of rows that are surely of the query in SQLite, of the others here. */
export async function countIn(
  volume: VolumeReader,
  { asked, by }: { readonly asked: Asked; readonly by: string },
  budget: Budget,
): Promise<ReadonlyMap<string, Sum>> {
  const { range, sure } = asked;
  const counted = await volume.all(
    `SELECT ${by}, count(*), total(${errors}), total(latency_total) FROM record WHERE time >= ? AND time < ? AND ${sure.text} GROUP BY 1`,
    [range.from, range.before, ...(await volume.resolve(sure.values))],
  );
  const sums = new Map<string, Sum>();
  for (const [key, calls, failed, latency] of counted)
    sums.set(String(key), {
      calls: Number(calls),
      errors: Number(failed),
      latency: Number(latency),
    });
  const { rows } = await scan(
    volume,
    {
      asked,
      order: 'arrival',
      beyond: undefined,
      also: { text: `NOT ${sure.text}`, values: sure.values },
      columns: `${by}, ${errors}, latency_total`,
      limit: mostRows,
    },
    budget,
  );
  for (const [key, failed, latency] of rows) {
    const sum = sums.get(String(key)) ?? { calls: 0, errors: 0, latency: 0 };
    sums.set(String(key), {
      calls: sum.calls + 1,
      errors: sum.errors + Number(failed),
      latency: sum.latency + Number(latency),
    });
  }
  return sums;
}
