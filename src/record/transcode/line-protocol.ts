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
  /** A name nobody knows: as a tag `null`; no field, or one without a value (contract 5.6). */
  | { readonly form: 'unknown' };

/**
 * `strict`: what InfluxDB can read. `tyk`: byte for byte what Tyk Pump sends, which it sometimes cannot: a field of an
 * unknown name has no value, and a tag may end in a backslash, which escapes the separator behind it.
 */
export type LineDialect = 'strict' | 'tyk';

/** A point of the line protocol as data. A key that is named twice stands there once. */
export interface PointShape {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, PointValue>>;
  readonly fields: Readonly<Record<string, PointValue>>;
}

/** Writes one line, with its end; keys in the order of their bytes. A shape without fields is no valid line. */
export type PointWriter = (record: AnalyticsRecord, nanos: string, out: ByteWriter) => void;

export function createPointWriter(
  { measurement, tags, fields }: PointShape,
  dialect: LineDialect = 'strict',
): PointWriter {
  const head = Buffer.from(escapedName(measurement));
  const tagColumns = columnsOf(tags);
  const isWritten = ({ value }: Column): boolean => dialect === 'tyk' || value.form !== 'unknown';
  const fieldColumns = columnsOf(fields).filter(isWritten);
  const scratch = new ByteWriter(1_024);
  return (record, nanos, out) => {
    out.bytes(head);
    for (const { label, value } of tagColumns) {
      scratch.clear();
      writeTagText(value, record, scratch);
      const text = scratch.view();
      const end = dialect === 'tyk' ? endAsTyk(text) : endOf(text);
      if (end <= 1) continue;
      out.byte(comma);
      out.bytes(label);
      writeEscaped(text, 1, end, out);
    }
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

/** A tag is the value as JSON without its quotes. */
function writeTagText(value: PointValue, record: AnalyticsRecord, out: ByteWriter): void {
  switch (value.form) {
    case 'text': {
      const { source, start, end } = spanned(record).span(slotOf[value.field]);
      writeJsonText(out, source, start, end);
      break;
    }
    case 'integer':
      out.ascii(`"${record.integer(value.field)}"`);
      break;
    case 'time':
      out.byte(quote);
      writeRfc3339(record.time(value.field), out);
      out.byte(quote);
      break;
    case 'unknown':
      out.ascii('"null"');
      break;
    default:
      value satisfies never;
  }
}

/**
 * Where a tag's text ends. A backslash there would escape the separator, and nothing escapes the backslash. Up to 1:
 * the tag is empty and left out, for the protocol has no empty tags.
 */
function endOf(json: Uint8Array): number {
  let end = json.length - 1;
  while (end > 1 && json[end - 1] === backslash) end -= 1;
  return end;
}

/** Tyk Pump takes away every quote at the end, also that of the value, whose backslash then stays. */
function endAsTyk(json: Uint8Array): number {
  let end = json.length;
  while (end > 1 && json[end - 1] === quote) end -= 1;
  return end;
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
