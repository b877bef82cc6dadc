import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { AnalyticsRecord, Integer } from '../record.ts';
import type { Shape, ShapeEntry, ShapeValue } from '../shape.ts';
import { slotOf } from '../slots.ts';
import type { SpannedRecord } from '../span.ts';
import { writeRfc3339 } from '../time/text.ts';
import { decodeBase64 } from './base64.ts';
import { writeJsonString, writeJsonText } from './json-text.ts';
import {
  writeGraphError,
  writeJsonFloat,
  writeJsonList,
  writeJsonMap,
  writeJsonTexts,
} from './json-value.ts';
import { spanned } from './spanned.ts';

/** Writes the document a shape describes, by Go's JSON rules (contract 2.8), keys in the order of the shape. */
export function writeJson(shape: Shape, record: AnalyticsRecord, out: ByteWriter): void {
  writeObject(prepare(shape), spanned(record), out);
}

/** The same shape with its keys, and those of objects within, in the order in which Go writes a map. */
export function sortShape(shape: Shape): Shape {
  return shape
    .map((entry) => ({ ...entry, value: sortValue(entry.value) }))
    .sort((left, right) => Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)));
}

const sortValue = (value: ShapeValue): ShapeValue =>
  value.form === 'object' ? { form: 'object', entries: sortShape(value.entries) } : value;

/** An entry with what can be known beforehand. */
interface Prepared {
  readonly entry: ShapeEntry;
  /** The key as JSON and its colon. */
  readonly label: Buffer;
  readonly slot: number;
  readonly entries: readonly Prepared[];
}

const preparedShapes = new WeakMap<Shape, readonly Prepared[]>();

function prepare(shape: Shape): readonly Prepared[] {
  const found = preparedShapes.get(shape);
  if (found !== undefined) return found;
  const prepared = shape.map((entry): Prepared => {
    const { value } = entry;
    return {
      entry,
      label: Buffer.from(`${escaped(entry.key)}:`),
      slot: 'field' in value ? slotOf[value.field] : -1,
      entries: value.form === 'object' ? prepare(value.entries) : [],
    };
  });
  preparedShapes.set(shape, prepared);
  return prepared;
}

/** Keys are plain names; only their quotes and angles would need care. */
const escaped = (key: string): string =>
  JSON.stringify(key).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function writeObject(prepared: readonly Prepared[], record: SpannedRecord, out: ByteWriter): void {
  out.byte(0x7b);
  let isFirst = true;
  for (const each of prepared) {
    const { when } = each.entry;
    if (when !== undefined && !record.flag(when)) continue;
    if (!isFirst) out.byte(0x2c);
    isFirst = false;
    out.bytes(each.label);
    writeValue(each, record, out);
  }
  out.byte(0x7d);
}

function writeValue(prepared: Prepared, record: SpannedRecord, out: ByteWriter): void {
  const { value } = prepared.entry;
  switch (value.form) {
    case 'text': {
      const { source, start, end } = record.span(prepared.slot);
      writeJsonText(out, source, start, end);
      return;
    }
    case 'base64': {
      const { source, start, end } = record.span(prepared.slot);
      const { bytes } = decodeBase64(source, start, end);
      writeJsonText(out, bytes, 0, bytes.length);
      return;
    }
    case 'derived': {
      const bytes = value.derive(record.utf8(value.field));
      writeJsonText(out, bytes, 0, bytes.length);
      return;
    }
    case 'integer': {
      writeInteger(out, record.integer(value.field));
      return;
    }
    case 'float': {
      writeJsonFloat(out, record.float(value.field));
      return;
    }
    case 'flag': {
      out.ascii(record.flag(value.field) ? 'true' : 'false');
      return;
    }
    case 'time':
      out.byte(0x22);
      writeRfc3339(record.time(value.field), out);
      {
        out.byte(0x22);
        return;
      }
    case 'list': {
      writeJsonTexts(out, record.spans(prepared.slot));
      return;
    }
    case 'city-names': {
      writeJsonMap(out, record.cityNames(), (name) => writeJsonString(out, name));
      return;
    }
    case 'graph-types': {
      writeJsonMap(out, record.graphTypes(), (fields) =>
        writeJsonList(out, fields, (field) => writeJsonString(out, field)),
      );
      return;
    }
    case 'graph-errors': {
      writeJsonList(out, record.graphErrors(), (error) => writeGraphError(out, error));
      return;
    }
    case 'object': {
      writeObject(prepared.entries, record, out);
      return;
    }
    case 'constant': {
      out.utf8(value.json);
      return;
    }
  }
  return value satisfies never;
}

function writeInteger(out: ByteWriter, value: Integer): void {
  if (value >= 0 && value < 10) out.byte(0x30 + Number(value));
  else out.ascii(String(value));
}
