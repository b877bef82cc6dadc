import {
  type AnalyticsRecord,
  type ByteWriter,
  type IntegerField,
  integerReader,
  type TextField,
  TextMemo,
} from '#pump';

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
