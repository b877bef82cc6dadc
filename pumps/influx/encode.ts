import { columnsOf, createLineEncoder, knownOnly, pointValues } from '#pump';
import type { Options } from './options.ts';

type Named = Pick<Options, 'fields' | 'tags' | 'timestamp'>;

/** As Tyk Pump names it. */
const measurement = 'analytics';

/**
 * A batch as lines. `complete` has what Tyk Pump sends: for a field whose name nobody knows an empty value, which
 * InfluxDB refuses with the whole line. `known` has not.
 */
export function createEncoder(
  { fields, tags, timestamp }: Named,
  what: 'complete' | 'known',
): ReturnType<typeof createLineEncoder> {
  const columns = columnsOf(fields, pointValues);
  return createLineEncoder(
    {
      measurement,
      tags: columnsOf(tags, pointValues),
      fields: what === 'known' ? knownOnly(columns) : columns,
    },
    timestamp,
  );
}

/** Whether a point of these options holds anything. */
export const hasFields = ({ fields }: Pick<Options, 'fields'>): boolean =>
  Object.keys(knownOnly(columnsOf(fields, pointValues))).length > 0;
