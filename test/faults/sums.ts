import type { SinkFindings } from './findings.ts';
import type { Pusher } from './pusher.ts';
import { isMeantFor, recordOf } from './records.ts';
import type { Counted, SqlSink } from './sql-sink.ts';

/**
 * Compares sums with what was pushed. They do not say which record is missing or counted twice, but how many; where it is not
 * certain what was pushed, the sums of each API are not compared.
 */
export async function examineSums(
  route: string,
  database: SqlSink | undefined,
  { certain, uncertain }: Pick<Pusher, 'certain' | 'uncertain'>,
): Promise<SinkFindings> {
  const counted = await database?.counted();
  const meant = (all: ReadonlySet<number>): readonly number[] =>
    [...all].filter((index) => isMeantFor(index, 'sql_aggregate'));
  const [least, more] = [meant(certain), meant(uncertain)];
  const hits = counted?.hits ?? 0;
  const nothing = { invented: 0, repeated: 0, wrongLetters: 0 };
  return {
    route,
    ...nothing,
    lost: Math.max(0, least.length - hits),
    duplicated: Math.max(0, hits - least.length - more.length),
    altered: more.length > 0 ? 0 : wrongSums(least, counted),
  };
}

/** How many sums are others than those of the records. */
function wrongSums(pushed: readonly number[], counted: Counted | undefined): number {
  const byApi = new Map<string, number>();
  let requestTime = 0;
  for (const record of pushed.map(recordOf)) {
    const api = record.text('api_id');
    byApi.set(api, (byApi.get(api) ?? 0) + 1);
    requestTime += Number(record.integer('request_time'));
  }
  const apis = new Set([...byApi.keys(), ...(counted?.byApi.keys() ?? [])]);
  const wrong = [...apis].filter((api) => byApi.get(api) !== counted?.byApi.get(api)).length;
  return wrong + (requestTime === counted?.requestTime ? 0 : 1);
}
