import { isUtf8 } from 'node:buffer';
import type { Millis } from '../../lib/units.ts';
import { visible } from '../../lib/visible.ts';
import { letterHeader, recordJson } from '../../operate/dead/letter-in-json.ts';
import { recordOf } from '../../operate/dead/record-of.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import { count } from '../progress.ts';

export const letterTitles = ['ID', 'ROUTE', 'REASON', 'AGE', 'BYTES', 'ATTEMPTS'];

export const letterRow = (letter: DeadLetter, now: Millis): readonly string[] => [
  letter.id,
  letter.route,
  letter.kind,
  age(now - letter.lastAt),
  count(letter.bytes.length),
  count(letter.attempts),
];

/** Everything about a letter: header, the record where it decodes, the bytes. */
export function letterPage(letter: DeadLetter): string {
  const { bytes } = letter;
  const lines = Object.entries(letterHeader(letter)).map(
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

export function age(duration: number): string {
  const seconds = Math.max(0, Math.floor(duration / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
