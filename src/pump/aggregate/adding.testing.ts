import type { RecordFields } from '../../record/encode/record-fields.ts';
import { aRecord } from '../../record/testing.ts';
import { type Counter, OpenCounter } from './counter.ts';
import { type Aggregate, createFold, type FoldOptions } from './fold.ts';

export const options: FoldOptions = {
  variant: 'rest',
  tracksAllPaths: false,
  ignoredTagPrefixes: [],
  bucketMinutes: 60,
};

export const recordsOf = (all: readonly RecordFields[], encoding?: 'msgpack' | 'protobuf') =>
  all.map((fields) => ({ record: aRecord(fields, encoding === undefined ? {} : { encoding }) }));

export const foldOf = (
  all: readonly RecordFields[],
  changes: Partial<FoldOptions> = {},
): readonly Aggregate[] => createFold({ ...options, ...changes })(recordsOf(all));

/** All counters of some aggregates by where they belong, those of one place added up. */
export function added(aggregates: readonly Aggregate[]): ReadonlyMap<string, OpenCounter> {
  const sums = new Map<string, OpenCounter>();
  for (const { start, orgId, apiId, total, tallies } of aggregates) {
    const of = (place: readonly (string | undefined)[], counter: Counter) => {
      const name = JSON.stringify([start, orgId, apiId, ...place]);
      const { identifier, humanIdentifier, lastTime } = counter;
      const sum = sums.get(name) ?? new OpenCounter(identifier, humanIdentifier, lastTime);
      sum.add(counter);
      sums.set(name, sum);
    };
    of(['', undefined, 'total'], total);
    for (const { dimension, outer, value, counter } of tallies)
      of([dimension.sql, outer, value], counter);
  }
  return sums;
}

/** As plain data, in order of the places. */
export const shown = (sums: ReadonlyMap<string, OpenCounter>): readonly unknown[] =>
  [...sums]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, counter]) => [
      name,
      Object.entries(counter),
      [...counter.errorMap].sort(([one], [other]) => one - other),
    ]);

/** Of one aggregate: `dimension/value` or `dimension/outer.value` → its counter. */
export const countersOf = ({ tallies }: Aggregate) =>
  Object.fromEntries(
    tallies.map(({ dimension, outer, value, counter }) => [
      `${dimension.sql}/${outer === undefined ? '' : `${outer}.`}${value}`,
      counter,
    ]),
  );
