import {
  type Batch,
  ByteWriter,
  type Entry,
  jsonWriter,
  type RecordTime,
  type RecordWriter,
  writeJsonText,
} from '#pump';
import type { Column } from './columns.ts';

/** Writes a batch as rows of JSONEachRow, each on a line. */
export type RowsWriter = (batch: Batch, out: ByteWriter) => void;

type ValueWriter = (entry: Entry, out: ByteWriter) => void;

/** For the columns that the table has, at least one. */
export function rowsWriter(columns: readonly Column[]): RowsWriter {
  const plain = columns.filter(({ kind }) => kind === 'plain');
  const writePlain = jsonWriter(plain.map(({ name, value }) => ({ key: name, value })));
  const others = columns
    .filter(({ kind }) => kind !== 'plain')
    .map((column) => ({ label: `${JSON.stringify(column.name)}:`, write: writerOf(column) }));
  return ({ entries }, out) => {
    for (const entry of entries) {
      writePlain(entry.record, out);
      out.truncate(out.length - 1);
      let isFirst = plain.length === 0;
      for (const { label, write } of others) {
        if (!isFirst) out.byte(0x2c);
        isFirst = false;
        out.utf8(label);
        write(entry, out);
      }
      out.ascii('}\n');
    }
  };
}

function writerOf({ kind, value }: Column): ValueWriter {
  const copy = copier(jsonWriter([{ key: '', value }]));
  switch (kind) {
    case 'id':
      return ({ id }, out) => out.ascii(`"${id}"`);
    case 'time':
      return ({ record }, out) => {
        const instead = value.form === 'time' ? outside(record.time(value.field)) : undefined;
        if (instead === undefined) copy(record, out);
        else out.ascii(instead);
      };
    case 'list':
      // No array is null there.
      return ({ record }, out) => copy(record, out, { ifNull: '[]' });
    case 'json':
      return ({ record }, out) => copy(record, out, { ifNull: '""', isQuoted: true });
    case 'plain':
      return ({ record }, out) => copy(record, out);
  }
  return kind satisfies never;
}

interface Manner {
  readonly ifNull?: string;
  /** Its JSON as a text. */
  readonly isQuoted?: boolean;
}

type Copy = (record: Entry['record'], out: ByteWriter, manner?: Manner) => void;

/** Writes what `{"":…}` holds, which `write` makes. */
function copier(write: RecordWriter): Copy {
  const made = new ByteWriter(256);
  const before = '{"":'.length;
  return (record, out, { ifNull, isQuoted = false } = {}) => {
    made.clear();
    write(record, made);
    const document = made.view();
    const end = document.length - 1;
    const isNull = end - before === 4 && document.toString('latin1', before, end) === 'null';
    if (isNull && ifNull !== undefined) out.ascii(ifNull);
    else if (isQuoted) writeJsonText(out, document, before, end);
    else out.bytes(document, before, end);
  };
}

const [earliest, latest] = ['"1970-01-01T00:00:00Z"', '"2106-02-07T06:28:15Z"'];
const latestSeconds = 4_294_967_295;

/** A column of times holds the years 1970 to 2106; what is outside is the nearest of them. */
function outside({ seconds }: RecordTime): string | undefined {
  if (seconds < 0) return earliest;
  return seconds > latestSeconds ? latest : undefined;
}
