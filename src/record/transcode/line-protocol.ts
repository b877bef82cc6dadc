import { ByteWriter } from '../../lib/byte-writer.ts';
import type { IntegerField, TextField, TimeField } from '../fields.ts';
import type { AnalyticsRecord } from '../record.ts';
import { slotOf } from '../slots.ts';
import { goTimeText, writeRfc3339 } from '../time/text.ts';
import { compareUtf8, sequenceLength } from '../utf8.ts';
import { writeJsonText } from './json-text.ts';
import { spanned } from './spanned.ts';

/** What stands behind a tag's or a field's name. */
export type PointValue =
  | { readonly form: 'text'; readonly field: TextField }
  | { readonly form: 'integer'; readonly field: IntegerField }
  | { readonly form: 'time'; readonly field: TimeField }
  /** A name nobody knows: as a tag `null`, as a field an empty value, as Tyk Pump writes them (contract 5.6). */
  | { readonly form: 'unknown' };

/** A point of the line protocol as data. A key that is named twice stands there once. */
export interface PointShape {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, PointValue>>;
  readonly fields: Readonly<Record<string, PointValue>>;
}

/** Writes one line, with its end; keys in the order of their bytes. A shape without fields is no valid line. */
export type PointWriter = (record: AnalyticsRecord, nanos: string, out: ByteWriter) => void;

export function createPointWriter({ measurement, tags, fields }: PointShape): PointWriter {
  const head = Buffer.from(escapedName(measurement));
  const tagColumns = columnsOf(tags);
  const fieldColumns = columnsOf(fields);
  const scratch = new ByteWriter(1_024);
  return (record, nanos, out) => {
    out.bytes(head);
    for (const column of tagColumns) writeTag(column, record, scratch, out);
    out.byte(space);
    fieldColumns.forEach(({ label, value }, index) => {
      if (index > 0) out.byte(comma);
      out.bytes(label);
      writeField(value, record, out);
    });
    out.byte(space);
    out.ascii(nanos);
    out.byte(lineFeed);
  };
}

const [lineFeed, space, quote, comma, equals, backslash] = [0x0a, 0x20, 0x22, 0x2c, 0x3d, 0x5c];

interface Column {
  /** The name and `=`. */
  readonly label: Buffer;
  readonly value: PointValue;
}

const columnsOf = (values: Readonly<Record<string, PointValue>>): readonly Column[] =>
  Object.entries(values)
    .sort(([left], [right]) => compareUtf8(left, right))
    .map(([name, value]) => ({ label: Buffer.from(`${escapedName(name)}=`), value }));

const escapedName = (name: string): string =>
  name.replace(/[, =]/g, (character) => `\\${character}`).replaceAll('\n', '\\n');

/** A tag is the value as JSON without its quotes; an empty one is left out, for the protocol has no empty tags. */
function writeTag(
  { label, value }: Column,
  record: AnalyticsRecord,
  scratch: ByteWriter,
  out: ByteWriter,
): void {
  scratch.clear();
  switch (value.form) {
    case 'text': {
      const { source, start, end } = spanned(record).span(slotOf[value.field]);
      writeJsonText(scratch, source, start, end);
      break;
    }
    case 'integer':
      scratch.ascii(`"${record.integer(value.field)}"`);
      break;
    case 'time':
      scratch.byte(quote);
      writeRfc3339(record.time(value.field), scratch);
      scratch.byte(quote);
      break;
    case 'unknown':
      scratch.ascii('"null"');
      break;
    default:
      value satisfies never;
  }
  const json = scratch.view();
  let end = json.length - 1;
  // A backslash at the end would escape the separator behind it, and there is no way to escape the backslash.
  while (end > 1 && json[end - 1] === backslash) end -= 1;
  if (end === 1) return;
  out.byte(comma);
  out.bytes(label);
  writeEscaped(json, 1, end, out);
}

const plainInTag = new Uint8Array(256).fill(1);
for (const special of [space, comma, equals]) plainInTag[special] = 0;

function writeEscaped(source: Uint8Array, start: number, end: number, out: ByteWriter): void {
  for (let at = start; ; at++) {
    at = out.copyWhile(plainInTag, source, at, end);
    if (at >= end) return;
    out.byte(backslash);
    out.byte(source[at] as number);
  }
}

function writeField(value: PointValue, record: AnalyticsRecord, out: ByteWriter): void {
  switch (value.form) {
    case 'text': {
      const { source, start, end } = spanned(record).span(slotOf[value.field]);
      writeText(source, start, end, out);
      break;
    }
    case 'integer':
      out.ascii(`${record.integer(value.field)}i`);
      break;
    case 'time':
      out.ascii(`"${goTimeText(record.time(value.field))}"`);
      break;
    case 'unknown':
      break;
    default:
      value satisfies never;
  }
}

const plainInText = new Uint8Array(256);
for (let code = 0; code < 0x80; code++) plainInText[code] = 1;
for (const special of [quote, backslash]) plainInText[special] = 0;

const replacement = Buffer.from('\ufffd');

/** Line ends may stand in a text; bytes that are no UTF-8 become U+FFFD. */
function writeText(source: Uint8Array, start: number, end: number, out: ByteWriter): void {
  out.byte(quote);
  for (let at = start; ; ) {
    at = out.copyWhile(plainInText, source, at, end);
    if (at >= end) break;
    const byte = source[at] as number;
    if (byte < 0x80) {
      out.byte(backslash);
      out.byte(byte);
      at += 1;
      continue;
    }
    const size = sequenceLength(source, at, end);
    if (size === 0) out.bytes(replacement);
    else out.bytes(source, at, at + size);
    at += Math.max(size, 1);
  }
  out.byte(quote);
}
