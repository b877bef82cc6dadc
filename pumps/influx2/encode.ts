import {
  columnsOf,
  isAnyKnown,
  pointLatencies,
  pointValues,
} from '../shared/line-protocol/columns.ts';
import { createLineEncoder } from '../shared/line-protocol/line-encoder.ts';
import type { Options } from './options.ts';

/** What tags and fields may be named. */
export const values = { ...pointValues, ...pointLatencies };

/** A batch as lines. The measurement is Tyk Pump's. */
export const createEncoder = ({
  fields,
  tags,
  timestamp,
}: Pick<Options, 'fields' | 'tags' | 'timestamp'>): ReturnType<typeof createLineEncoder> =>
  createLineEncoder(
    {
      measurement: 'analytics',
      tags: columnsOf(tags, values),
      fields: columnsOf(fields, values),
    },
    { clock: timestamp, dialect: 'strict' },
  );

/** Whether a point of these options holds anything. */
export const hasFields = ({ fields }: Pick<Options, 'fields'>): boolean =>
  isAnyKnown(fields, values);
