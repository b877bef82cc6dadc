import type { ByteWriter } from '../../lib/byte-writer.ts';
import { decodeBase64 } from '../base64.ts';
import type { AnalyticsRecord, Integer } from '../record.ts';
import type { Shape, ShapeEntry, ShapeValue } from '../shape.ts';
import { slotOf } from '../slots.ts';
import { type SpannedRecord, spanned } from '../span.ts';
import { writeRfc3339 } from '../time/text.ts';
import { writeJsonString, writeJsonText } from '../write/json-text.ts';
import {
  writeEmbedded,
  writeGraphError,
  writeJsonFloat,
  writeJsonList,
  writeJsonMap,
  writeJsonTexts,
} from './value.ts';

/**
 * Writes the document a shape describes, value by value: the reference that programs (compile.ts) are compared to, and
 * what they leave the rare values to.
 */
export function interpretJson(shape: Shape, record: AnalyticsRecord, out: ByteWriter): void {
  writeObject(prepare(shape), spanned(record), out);
}

/** The same for one value alone. */
export function jsonValueInterpreter(
  value: ShapeValue,
): (record: AnalyticsRecord, out: ByteWriter) => void {
  const prepared = prepareEntry({ key: '', value });
  return (record, out) => writeValue(prepared, spanned(record), out);
}

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
  const prepared = shape.map(prepareEntry);
  preparedShapes.set(shape, prepared);
  return prepared;
}

function prepareEntry(entry: ShapeEntry): Prepared {
  const { key, value } = entry;
  return {
    entry,
    label: Buffer.from(jsonLabel(key)),
    slot: 'field' in value ? slotOf[value.field] : -1,
    entries: value.form === 'object' ? prepare(value.entries) : [],
  };
}

/** The key as JSON and its colon. Keys are plain names; only their quotes and angles would need care. */
export const jsonLabel = (key: string): string => `${escaped(key)}:`;

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
    case 'json':
      writeEmbedded(record.text(value.field), out);
      return;
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
