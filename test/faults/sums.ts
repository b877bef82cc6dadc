import type { SinkFindings } from './findings.ts';
import type { Pusher } from './pusher.ts';
import { countedAt, isMeantFor } from './records.ts';
import type { SumsForm } from './schedule.ts';
import type { Counted, SqlSink } from './sql-sink.ts';

/**
 * Compares sums with what was pushed. They do not say which record is missing or counted twice, but how many; where it is not
 * certain what was pushed, the sums of each API or address are not compared.
 */
export async function examineSums(
  { name: route, sink: form }: { readonly name: string; readonly sink: SumsForm },
  database: SqlSink | undefined,
  { certain, uncertain }: Pick<Pusher, 'certain' | 'uncertain'>,
): Promise<SinkFindings> {
  const counted = await database?.counted();
  const meant = (all: ReadonlySet<number>): readonly number[] =>
    [...all].filter((index) => isMeantFor(index, form));
  const [least, more] = [meant(certain), meant(uncertain)];
  const hits = counted?.hits ?? 0;
  const nothing = { invented: 0, repeated: 0, wrongLetters: 0 };
  return {
    route,
    ...nothing,
    lost: Math.max(0, least.length - hits),
    duplicated: Math.max(0, hits - least.length - more.length),
    altered:
      more.length > 0
        ? 0
        : wrongSums(
            least.map((index) => countedAt(index, form)),
            counted,
          ),
  };
}

/** How many sums are others than those of the records. */
function wrongSums(
  pushed: readonly ReturnType<typeof countedAt>[],
  counted: Counted | undefined,
): number {
  const byValue = new Map<string, number>();
  for (const { value } of pushed) byValue.set(value, (byValue.get(value) ?? 0) + 1);
  const requestTime = pushed.reduce((sum, each) => sum + each.requestTime, 0);
  const values = new Set([...byValue.keys(), ...(counted?.byValue.keys() ?? [])]);
  const wrong = [...values].filter(
    (value) => byValue.get(value) !== counted?.byValue.get(value),
  ).length;
  return wrong + (requestTime === counted?.requestTime ? 0 : 1);
}
