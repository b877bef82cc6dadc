import { ByteWriter } from '../../lib/byte-writer.ts';
import type { AnalyticsRecord } from '../record.ts';
import { slotOf } from '../slots.ts';
import { spanned } from '../span.ts';
import { goTimeText, writeRfc3339 } from '../time/text.ts';
import { sequenceLength } from '../utf8.ts';
import { writeJsonText } from '../write/json-text.ts';
import type { LineDialect, Point, PointColumn, PointValue } from './shape.ts';

/** The slow way, and the reference that programs (compile.ts) are compared to: a point up to its fields. */
export function interpretPoint(
  { head, tags, fields, dialect }: Point,
  record: AnalyticsRecord,
  out: ByteWriter,
): void {
  out.utf8(head);
  for (const tag of tags) interpretTag(tag, dialect, record, out);
  out.byte(space);
  fields.forEach(({ label, value }, index) => {
    if (index > 0) out.byte(comma);
    out.utf8(label);
    interpretField(value, record, out);
  });
}

const [space, quote, comma, equals, backslash] = [0x20, 0x22, 0x2c, 0x3d, 0x5c];

/** One for all: filled and emptied within one call. */
const scratch = new ByteWriter(1_024);

/** A comma, the name and the value; nothing where the value is empty. */
export function interpretTag(
  { label, value }: PointColumn,
  dialect: LineDialect,
  record: AnalyticsRecord,
  out: ByteWriter,
): void {
  scratch.clear();
  writeTagText(value, record, scratch);
  const text = scratch.view();
  const end = dialect === 'tyk' ? endAsTyk(text) : endOf(text);
  if (end <= 1) return;
  out.byte(comma);
  out.utf8(label);
  writeEscaped(text, 1, end, out);
}

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

/** The value alone. */
export function interpretField(value: PointValue, record: AnalyticsRecord, out: ByteWriter): void {
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
