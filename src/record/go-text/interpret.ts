import type { ByteWriter } from '../../lib/byte-writer.ts';
import { fullShape } from '../full-shape.ts';
import type { AnalyticsRecord, GraphError } from '../record.ts';
import type { Shape, ShapeValue } from '../shape.ts';
import { slotOf } from '../slots.ts';
import { type SpannedRecord, type Spans, spanned } from '../span.ts';
import { goTimeText } from '../time/text.ts';
import { compareUtf8 } from '../utf8.ts';
import { goFloat, goMonth } from '../write/go-value.ts';

const space = 0x20;

/**
 * Writes the text value by value: the reference that programs (compile.ts) are compared to, and what they leave the rare
 * values to.
 */
export function interpretGoText(record: AnalyticsRecord, out: ByteWriter): void {
  const source = spanned(record);
  out.ascii(goTextStart);
  writeValues(fullShape, source, out);
  out.ascii(goTextEnd);
}

/** The first value is the internal id and the last the collection's name: empty outside the reference's Mongo pumps. */
export const [goTextStart, goTextEnd] = ['{ ', ' }'];

/** One value alone. */
export function interpretGoValue(
  value: ShapeValue,
  record: AnalyticsRecord,
  out: ByteWriter,
): void {
  writeValue(value, spanned(record), out);
}

function writeValues(shape: Shape, record: SpannedRecord, out: ByteWriter): void {
  shape.forEach(({ value }, index) => {
    if (index > 0) out.byte(space);
    writeValue(value, record, out);
  });
}

function writeValue(value: ShapeValue, record: SpannedRecord, out: ByteWriter): void {
  switch (value.form) {
    case 'text':
    case 'json':
    case 'base64':
    case 'derived': {
      const { source, start, end } = record.span(slotOf[value.field]);
      out.bytes(source, start, end);
      break;
    }
    case 'integer': {
      const number = record.integer(value.field);
      out.ascii(value.field === 'month' ? goMonth(number) : String(number));
      break;
    }
    case 'float':
      out.ascii(goFloat(record.float(value.field)));
      break;
    case 'flag':
      out.ascii(String(record.flag(value.field)));
      break;
    case 'time':
      out.ascii(goTimeText(record.time(value.field)));
      break;
    case 'list':
      writeList(record.spans(slotOf[value.field]), out);
      break;
    case 'city-names':
      out.utf8(goMap(record.cityNames()));
      break;
    case 'graph-types':
      out.utf8(goMap(record.graphTypes()));
      break;
    case 'graph-errors':
      out.utf8(`[${(record.graphErrors() ?? []).map(goError).join(' ')}]`);
      break;
    case 'object':
      out.byte(0x7b);
      writeValues(value.entries, record, out);
      out.byte(0x7d);
      break;
    case 'constant':
      break;
    default:
      value satisfies never;
  }
}

function writeList(spans: Spans | undefined, out: ByteWriter): void {
  out.byte(0x5b);
  if (spans !== undefined) {
    const { source, count, bounds } = spans;
    for (let index = 0; index < count; index++) {
      if (index > 0) out.byte(space);
      out.bytes(source, bounds[2 * index], bounds[2 * index + 1]);
    }
  }
  out.byte(0x5d);
}

const goError = ({ message, path }: GraphError): string => `{${message} ${goList(path ?? [])}}`;

const goList = (values: readonly unknown[]): string => `[${values.map(goValue).join(' ')}]`;

function goMap(map: ReadonlyMap<string, unknown> | null): string {
  const entries = [...(map ?? [])].sort(([left], [right]) => compareUtf8(left, right));
  return `map[${entries.map(([key, value]) => `${key}:${goValue(value ?? [])}`).join(' ')}]`;
}

/** Go's default form of what a path or a map of a record holds. */
function goValue(value: unknown): string {
  if (typeof value === 'number') return goFloat(value);
  if (Array.isArray(value) || value instanceof Uint8Array) return goList([...value]);
  if (value instanceof Map) return goMap(value);
  if (typeof value === 'string') return value;
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : '<nil>';
}
