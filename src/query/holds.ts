import type { SpannedRecord } from '../record/span.ts';

/** What a part of a query says of a record. */
export type Holds = (record: SpannedRecord) => boolean;
