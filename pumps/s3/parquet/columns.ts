import type { SchemaElement } from 'hyparquet';
import {
  type AnalyticsRecord,
  ByteWriter,
  type Entry,
  jsonWriter,
  type RecordTime,
  type Shape,
  type ShapeEntry,
  type ShapeValue,
} from '#pump';

/** A column, or an object of columns. */
export interface Column {
  readonly name: string;
  /** The column and what is in it, as Parquet has them one after the other. */
  readonly elements: readonly SchemaElement[];
  readonly read: (entry: Entry) => unknown;
}

/**
 * The document as columns, by the same names as in JSON, objects as structs. All are optional, as Spark and Hive write them, so
 * that files of several years and of several choices of `fields` are read as one table.
 */
export function columnsOf(document: Shape, withIds: boolean): readonly Column[] {
  const columns = document.flatMap(columnOf);
  // A file without columns has no rows either.
  return withIds || columns.length === 0 ? [recordId, ...columns] : columns;
}

const utf8 = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' } as const;

/** Said in the way of old readers and in that of new ones. */
const instant: Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'> = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MICROS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
};

const recordId: Column = {
  name: 'record_id',
  elements: [{ name: 'record_id', ...utf8 }],
  read: ({ segment, index }) => `${segment}:${index}`,
};

type Leaf = Exclude<ShapeValue, { readonly form: 'object' }>;
type Read = (record: AnalyticsRecord) => unknown;

function columnOf({ key: name, value, when }: ShapeEntry): readonly Column[] {
  const [column] = value.form === 'object' ? structOf(name, value.entries) : [leafOf(name, value)];
  // A struct of nothing is not allowed.
  if (column === undefined) return [];
  if (when === undefined) return [column];
  const { elements, read } = column;
  return [{ name, elements, read: (entry) => (entry.record.flag(when) ? read(entry) : null) }];
}

function leafOf(name: string, value: Leaf): Column {
  const read = readerOf(value);
  return { name, elements: elementsOf(name, value), read: ({ record }) => read(record) };
}

function structOf(name: string, entries: Shape): readonly Column[] {
  const columns = entries.flatMap(columnOf);
  if (columns.length === 0) return [];
  return [
    {
      name,
      elements: [
        { name, repetition_type: 'OPTIONAL', num_children: columns.length },
        ...columns.flatMap(({ elements }) => elements),
      ],
      read(entry) {
        // Whatever a field is called, it is one of this object's own.
        const struct = Object.create(null) as Record<string, unknown>;
        for (const column of columns) struct[column.name] = column.read(entry);
        return struct;
      },
    },
  ];
}

function elementsOf(name: string, { form }: ShapeValue): readonly SchemaElement[] {
  const repetition_type = 'OPTIONAL';
  switch (form) {
    case 'integer':
      // Go's integers have 64 bits, and what a gateway says of a status need not be one.
      return [{ name, type: 'INT64', repetition_type }];
    case 'float':
      return [{ name, type: 'DOUBLE', repetition_type }];
    case 'flag':
      return [{ name, type: 'BOOLEAN', repetition_type }];
    case 'time':
      return [{ name, ...instant, repetition_type }];
    case 'list':
      return [
        { name, converted_type: 'LIST', num_children: 1, repetition_type },
        { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
        { name: 'element', ...utf8 },
      ];
    default:
      return [{ name, ...utf8 }];
  }
}

function readerOf(value: Leaf): Read {
  switch (value.form) {
    case 'text':
      return (record) => record.text(value.field);
    case 'integer':
      return (record) => BigInt(record.integer(value.field));
    case 'float':
      return (record) => record.float(value.field);
    case 'flag':
      return (record) => record.flag(value.field);
    case 'time':
      return (record) => microsOf(record.time(value.field));
    case 'list':
      return (record) => record.list(value.field);
    default:
      return asJson(value);
  }
}

const earliest = Date.UTC(1900) / 1_000;
const latest = Date.UTC(10_000) / 1_000;

/**
 * Microseconds of 1970. Of Go's zero time, which says that there is none, and of what is no time of a call, nothing: Spark refuses
 * to read a file with times before 1900, Python one with times after 9999.
 */
function microsOf({ seconds, nanos }: RecordTime): bigint | null {
  if (seconds < earliest || seconds >= latest) return null;
  return BigInt(seconds) * 1_000_000n + BigInt(Math.floor(nanos / 1_000));
}

/** A text as it is; of maps and lists of objects, their JSON. */
function asJson(value: ShapeValue): Read {
  const write = jsonWriter([{ key: '', value }]);
  const made = new ByteWriter(256);
  return (record) => {
    made.clear();
    write(record, made);
    const json = made.view().toString('utf8', '{"":'.length, made.length - 1);
    if (json === 'null') return null;
    return json.startsWith('"') ? (JSON.parse(json) as unknown) : json;
  };
}
