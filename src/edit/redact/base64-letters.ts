/** Shorter runs of base64's letters are not told from words. */
export const leastRun = 20;

/** Kinds of base64's letters, as bits. */
const upper = 1;
const lower = 2;
const digit = 4;
export const standardSign = 8;
export const urlSign = 16;
/** A text in base64 has both: what has not is a name, a path or a number in hexadecimal. */
export const mixed = upper | lower;
/** By byte; 0: no letter of base64. */
export const classes = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  const sign = String.fromCharCode(code);
  if (/[A-Z]/.test(sign)) classes[code] = upper;
  else if (/[a-z]/.test(sign)) classes[code] = lower;
  else if (/[0-9]/.test(sign)) classes[code] = digit;
  else if (sign === '+' || sign === '/') classes[code] = standardSign;
  else if (sign === '-' || sign === '_') classes[code] = urlSign;
}

export const isBreak = (byte: number): boolean => classes[byte] === 0;

/** The kinds of the letters in bytes[from … to). */
export function kindsOf(bytes: Uint8Array, from: number, to: number): number {
  let kinds = 0;
  for (let at = from; at < to; at++) kinds |= classes[bytes[at] as number] as number;
  return kinds;
}

/** Base64 in lines: they are at least so long, all but the last one alike. */
export const leastLine = 60;
/** Shorter texts in hexadecimal are not told from numbers. */
const leastHex = 32;

/** Whether a run, which ends with bytes[to], may be base64 or a text in hexadecimal. scanner.as.ts has the same. */
export function isWorthReading(
  bytes: Uint8Array,
  from: number,
  to: number,
  kinds: number,
): boolean {
  const width = to - from;
  if ((kinds & mixed) === mixed) return true;
  if (width >= leastLine && width % 4 === 0 && (bytes[to] === 0x0a || bytes[to] === 0x0d))
    return true;
  return isHexText(bytes, from, to, kinds);
}

/** Whether a run may be a text in hexadecimal. */
export const isHexText = (bytes: Uint8Array, from: number, to: number, kinds: number): boolean =>
  to - from >= leastHex && (kinds & digit) !== 0 && beginsAsText(bytes, from, to);

/** Bytes of what was decoded that tell whether it is a text. */
export const sampleSize = 24;

/** Whether digits in hexadecimal begin a text, all but one byte: most runs are seen to be none by a few of them. */
function beginsAsText(bytes: Uint8Array, from: number, to: number): boolean {
  let others = 0;
  const end = Math.min(to, from + 2 * sampleSize);
  for (let at = from; at + 1 < end; at += 2) {
    const high = bytes[at] as number;
    const low = (bytes[at + 1] as number) | 0x20;
    const isLast = high === 0x37 && low === 0x66;
    const isSign = high >= 0x32 && high <= 0x37 && !isLast;
    const isSpace = high === 0x30 && (low === 0x39 || low === 0x61 || low === 0x64);
    if (!isSign && !isSpace && ++others > 1) return false;
  }
  return true;
}
