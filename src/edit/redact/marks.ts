import { createHmac } from 'node:crypto';

export type Mode = 'mask' | 'hash' | 'remove';

/** What stands in place of a value. Texts here and everywhere in this folder are bytes, one character each (latin1). */
export type Mark = (value: string) => string;

const masked = '[redacted]';
const hashLength = '[hmac:0123456789abcdef]'.length;

/** The place of a value after `mode`; `hashKey` is there where the mode is hash (rules.ts says so). */
export function markOf(mode: Mode, hashKey: string | undefined): Mark {
  if (mode === 'mask') return () => masked;
  if (mode === 'remove') return () => '';
  const key = hashKey ?? '';
  return (value) => {
    const digest = createHmac('sha256', key).update(value, 'latin1').digest('hex');
    return `[hmac:${digest.slice(0, 16)}]`;
  };
}

/** Length of the mark that begins at `at`, or 0: what was redacted before is left as it is. */
export function markLength(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x5b) return 0;
  if (text.startsWith(masked, at)) return masked.length;
  if (!text.startsWith('[hmac:', at) || text[at + hashLength - 1] !== ']') return 0;
  for (let digit = at + 6; digit < at + hashLength - 1; digit++)
    if (!isHexDigit(text.charCodeAt(digit))) return 0;
  return hashLength;
}

const isHexDigit = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);

/** Whether nothing but a mark is left of a value, also behind percent-encodings. */
export function isMark(value: string): boolean {
  if (value.length < masked.length) return false;
  const length = markLength(value, 0);
  if (length > 0) return length === value.length;
  if (!value.startsWith('%') || value.length > 80) return false;
  const once = value
    .replaceAll('%25', '%')
    .replaceAll(/%5b/gi, '[')
    .replaceAll(/%5d/gi, ']')
    .replaceAll(/%3a/gi, ':');
  return once !== value && isMark(once);
}
