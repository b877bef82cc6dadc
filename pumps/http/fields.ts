import {
  ByteWriter,
  type Entry,
  fullShape,
  jsonWriter,
  ownShape,
  type RecordTime,
  type Shape,
  type ShapeValue,
} from '#pump';

/** The document that a record is: every field, as `stdout` has it. */
export const documentShape: Shape = fullShape;

/** Writes what a field holds, as JSON. */
export type ValueWriter = (entry: Entry, out: ByteWriter) => void;

/** The fields of the record by their names, `latency.total` within `latency`. */
const valuesByName: ReadonlyMap<string, ShapeValue> = new Map(
  namesIn([...documentShape, ...ownShape], ''),
);

function namesIn(shape: Shape, before: string): readonly (readonly [string, ShapeValue])[] {
  return shape.flatMap(({ key, value }) => {
    const name = before + key;
    const inside = value.form === 'object' ? namesIn(value.entries, `${name}.`) : [];
    return [[name, value] as const, ...inside];
  });
}

/** What a template may name besides the fields of the document. */
const others: Readonly<Record<string, (document: Shape) => ValueWriter>> = {
  record(document) {
    const write = jsonWriter(document);
    return ({ record }, out) => write(record, out);
  },
  record_id: () => (entry, out) => out.ascii(`"${entry.id}"`),
  timestamp_ms: () => (entry, out) => out.ascii(millisOf(entry.record.time('timestamp'))),
  timestamp_ns: () => (entry, out) => out.ascii(nanosOf(entry.record.time('timestamp'))),
};

const millisOf = ({ seconds, nanos }: RecordTime): string =>
  String(BigInt(seconds) * 1_000n + BigInt(Math.floor(nanos / 1_000_000)));

const nanosOf = ({ seconds, nanos }: RecordTime): string =>
  String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));

/** Whether a template may name it. */
export const isField = (name: string): boolean =>
  valuesByName.has(name) || Object.hasOwn(others, name);

/** Made once for each place in a template; `document` is what `record` stands for. Throws for what is no field. */
export function valueWriter(name: string, document: Shape): ValueWriter {
  const other = Object.hasOwn(others, name) ? others[name] : undefined;
  if (other !== undefined) return other(document);
  const value = valuesByName.get(name);
  if (value === undefined) throw new Error('a template names no other field');
  const write = jsonWriter([{ key: '', value }]);
  const alone = new ByteWriter(256);
  const before = '{"":'.length;
  return ({ record }, out) => {
    alone.clear();
    write(record, alone);
    out.bytes(alone.view(), before, alone.length - 1);
  };
}
