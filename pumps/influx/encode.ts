import type { LineDialect } from '#pump';
import { columnsOf, isAnyKnown, pointValues } from '../shared/line-protocol/columns.ts';
import { createLineEncoder } from '../shared/line-protocol/line-encoder.ts';
import type { Options } from './options.ts';

/** A batch as lines, in the dialect asked for. The measurement is Tyk Pump's. */
export const createEncoder = (
  { fields, tags, timestamp }: Pick<Options, 'fields' | 'tags' | 'timestamp'>,
  dialect: LineDialect,
): ReturnType<typeof createLineEncoder> =>
  createLineEncoder(
    {
      measurement: 'analytics',
      tags: columnsOf(tags, pointValues),
      fields: columnsOf(fields, pointValues),
    },
    { clock: timestamp, dialect },
  );

/** Whether a point of these options holds anything. */
export const hasFields = ({ fields }: Pick<Options, 'fields'>): boolean =>
  isAnyKnown(fields, pointValues);
