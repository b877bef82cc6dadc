import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { RecordWriter } from '../compiled/compiled-writer.ts';
import { compileShape } from '../compiled/json.ts';
import type { AnalyticsRecord } from '../record.ts';
import type { Shape, ShapeValue } from '../shape.ts';

const compiled = new WeakMap<Shape, RecordWriter>();
/** A batch is written in one shape: the last one is asked for again. */
let last: { readonly shape: Shape; readonly write: RecordWriter } | undefined;

/**
 * Writes the document a shape describes, by Go's JSON rules (tyk-pump.md, "JSON as Go writes it"), keys in the order of
 * the shape. A shape is compiled when it is first used, and must not change after.
 */
export function writeJson(shape: Shape, record: AnalyticsRecord, out: ByteWriter): void {
  if (last?.shape !== shape) last = { shape, write: writerOf(shape) };
  last.write(record, out);
}

function writerOf(shape: Shape): RecordWriter {
  const known = compiled.get(shape);
  if (known !== undefined) return known;
  const write = compileShape(shape);
  compiled.set(shape, write);
  return write;
}

/** The same shape with its keys, and those of objects within, in the order in which Go writes a map. */
export function sortShape(shape: Shape): Shape {
  return shape
    .map((entry) => ({ ...entry, value: sortValue(entry.value) }))
    .sort((left, right) => Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)));
}

const sortValue = (value: ShapeValue): ShapeValue =>
  value.form === 'object' ? { form: 'object', entries: sortShape(value.entries) } : value;
