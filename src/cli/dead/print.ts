import { isUtf8 } from 'node:buffer';
import { ByteWriter } from '../../lib/byte-writer.ts';
import type { Millis } from '../../lib/units.ts';
import { fullShape } from '../../record/full-shape.ts';
import { jsonWriter } from '../../record/json/write.ts';
import type { AnalyticsRecord, RecordKind } from '../../record/record.ts';
import { uptimeJson } from '../../record/uptime/json.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import { verbatim } from '../json.ts';
import { count } from '../progress.ts';
import { visible } from '../visible.ts';
import { recordOf } from './record-of.ts';

export const letterTitles = ['ID', 'ROUTE', 'REASON', 'AGE', 'BYTES', 'ATTEMPTS'];

export const letterRow = (letter: DeadLetter, now: Millis): readonly string[] => [
  letter.id,
  letter.route,
  letter.kind,
  age(now - letter.lastAt),
  count(letter.bytes.length),
  count(letter.attempts),
];

const headerOf = (letter: DeadLetter) => {
  const { id, route, list, kind, reason, attempts, encoding, bytes } = letter;
  return {
    ...{ id, route, list, kind, reason, attempts },
    first: new Date(letter.firstAt).toISOString(),
    last: new Date(letter.lastAt).toISOString(),
    encoding,
    bytes: bytes.length,
  };
};

/** Everything about a letter: header, the record where it decodes, the bytes. */
export function letterPage(letter: DeadLetter): string {
  const { bytes } = letter;
  const lines = Object.entries(headerOf(letter)).map(
    ([key, value]) => `${key}: ${visible(String(value))}`,
  );
  const decoded = recordOf(letter);
  if (decoded !== undefined)
    lines.push(`record: ${visible(recordJson(decoded.record, decoded.decoder.records))}`);
  const text = Buffer.from(bytes);
  if (isUtf8(text) && !/[^\P{C}\n\r\t]/u.test(text.toString()))
    lines.push(`text: ${visible(text.toString())}`);
  else lines.push(`base64: ${text.toString('base64')}`);
  return `${lines.join('\n')}\n`;
}

/** The same for programs; `isWhole`: with the record and the bytes. */
export function letterInJson(letter: DeadLetter, isWhole: boolean): object {
  const header = headerOf(letter);
  if (!isWhole) return header;
  const decoded = recordOf(letter);
  return {
    ...header,
    record:
      decoded === undefined ? null : verbatim(recordJson(decoded.record, decoded.decoder.records)),
    base64: Buffer.from(letter.bytes).toString('base64'),
  };
}

const writeRecord = jsonWriter(fullShape);

export function recordJson(record: AnalyticsRecord, kind: RecordKind): string {
  if (kind === 'uptime') return uptimeJson(record);
  const out = new ByteWriter();
  writeRecord(record, out);
  return out.view().toString();
}

export function age(duration: number): string {
  const seconds = Math.max(0, Math.floor(duration / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
