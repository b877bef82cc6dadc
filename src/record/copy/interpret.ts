import { ByteWriter } from '../../lib/byte-writer.ts';
import type { AnalyticsRecord } from '../record.ts';
import { slotOf } from '../slots.ts';
import { spanned } from '../span.ts';
import { postgresTime } from '../time/postgres.ts';
import { sequenceLength } from '../utf8.ts';
import { writeSqlJson } from './json.ts';
import type { CopyValue } from './value.ts';

const [tab, lineFeed, backslash] = [0x09, 0x0a, 0x5c];

/**
 * Writes a line value by value: the reference that programs (compile.ts) are compared to, and what they leave the rare
 * values to.
 */
export function interpretCopyRow(
  values: readonly CopyValue[],
  record: AnalyticsRecord,
  out: ByteWriter,
): void {
  values.forEach((value, index) => {
    if (index > 0) out.byte(tab);
    interpretCopyValue(value, record, out);
  });
  out.byte(lineFeed);
}

/** One value alone. */
export function interpretCopyValue(
  value: CopyValue,
  record: AnalyticsRecord,
  out: ByteWriter,
): void {
  switch (value.form) {
    case 'text': {
      const { source, start, end } = spanned(record).span(slotOf[value.field]);
      writeCopyText(source, start, end, out);
      return;
    }
    case 'integer':
      out.ascii(String(record.integer(value.field)));
      return;
    case 'named':
      out.utf8(nameOf(value, record));
      return;
    case 'float': {
      const number = record.float(value.field);
      out.ascii(Object.is(number, -0) ? '-0' : String(number));
      return;
    }
    case 'flag':
      out.ascii(String(record.flag(value.field)));
      return;
    case 'time':
      out.ascii(postgresTime(record.time(value.field)));
      return;
    default: {
      scratch.clear();
      writeSqlJson(value, record, scratch);
      writeCopyText(scratch.view(), 0, scratch.length, out);
    }
  }
}

/** The names are plain: nothing in them is escaped. */
const nameOf = (
  { field, names }: Extract<CopyValue, { readonly form: 'named' }>,
  record: AnalyticsRecord,
): string => names[Number(record.integer(field))] ?? '';

const scratch = new ByteWriter(256);

/** 1 for bytes that are copied as they are; the others but these are escaped, or are no ASCII. */
const plain = new Uint8Array(256).fill(1, 1, 0x80);
for (const special of '\t\n\r\\') plain[special.charCodeAt(0)] = 0;

/** Letters that stand for a byte behind a backslash. */
const letters: Readonly<Record<number, number>> = {
  0x09: 0x74,
  0x0a: 0x6e,
  0x0d: 0x72,
  0x5c: 0x5c,
};

function writeCopyText(source: Uint8Array, start: number, end: number, out: ByteWriter): void {
  for (let at = start; ; ) {
    at = out.copyWhile(plain, source, at, end);
    if (at >= end) return;
    const byte = source[at] as number;
    const letter = letters[byte];
    const length = byte < 0x80 ? 0 : sequenceLength(source, at, end);
    if (letter !== undefined) {
      out.byte(backslash);
      out.byte(letter);
    } else if (length > 0) out.bytes(source, at, at + length);
    else out.bytes(replacement);
    at += Math.max(length, 1);
  }
}

const replacement = Buffer.from('\ufffd');
