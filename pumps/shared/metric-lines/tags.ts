import {
  type AnalyticsRecord,
  type ByteWriter,
  type IntegerField,
  integerReader,
  type TextField,
  TextMemo,
} from '#pump';

/** Of an option of pumps whose lines a daemon counts. */
export const sampleWeightDoc =
  'Lines say which share of the calls they stand for (`sample`), so that the daemon also counts the records left out.';

/** The share of calls that a record stands for, from above 0 to 1. */
export function shareOf(record: AnalyticsRecord): number {
  const weight = record.float('sample_weight');
  return weight > 1 ? 1 / weight : 1;
}

/** Writes what one tag of a record says. */
export type WriteTag = (record: AnalyticsRecord, out: ByteWriter) => void;

/** A tag that depends on nothing but a text of the record: what `read` makes of it is remembered. */
export function textTag(field: TextField, read: (record: AnalyticsRecord) => string): WriteTag {
  const memo = new TextMemo({ field, make: (record) => Buffer.from(read(record)) });
  return (record, out) => out.bytes(memo.of(record));
}

export function integerTag(field: IntegerField, before = ''): WriteTag {
  const read = integerReader(field);
  return (record, out) => {
    out.ascii(before);
    out.ascii(String(read(record)));
  };
}
