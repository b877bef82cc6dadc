import { decodeBase64 } from '../../record/base64.ts';

/** Bytes of a recorded message that are shown. */
const mostShown = 8 * 1024;

/** A recorded message for people. */
export interface BodyText {
  /** Its beginning; null: it is no text, or was not looked through. */
  readonly text: string | null;
  /** How long all of it is, decoded. */
  readonly bytes: number;
}

/** Reads a payload of a record: base64, or the message itself where an edit has decoded it. */
export function bodyText(payload: Uint8Array): BodyText {
  const source = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  // So much of it that what is shown and a cut character are within.
  const part = Math.min(source.length, 4 * Math.ceil((mostShown + 4) / 3));
  const { bytes, isComplete } = decodeBase64(
    source,
    0,
    part - (part < source.length ? part % 4 : 0),
  );
  const message = isComplete ? bytes : source.subarray(0, part);
  const length = isComplete ? decodedLength(source) : source.length;
  return { text: textOf(message.subarray(0, mostShown), length), bytes: length };
}

/** Of base64 in whole quanta; line ends in it make this a little too long. */
export function decodedLength(source: Uint8Array): number {
  let end = source.length;
  while (end > 0 && source[end - 1] === 0x3d) end--;
  return Math.floor((end * 3) / 4);
}

/** All that is there if it is text; else the head of the message, and how much of what else follows. */
function textOf(shown: Buffer, length: number): string | null {
  const all = readUtf8(shown, length > shown.length);
  if (all !== undefined) return all;
  const head = shown.indexOf('\r\n\r\n') + 4;
  if (head < 4) return null;
  const text = readUtf8(shown.subarray(0, head), false);
  return text === undefined ? null : `${text}[${length - head} bytes that are not text]`;
}

/** Undefined: it is not UTF-8, or has a zero byte, as no text has. */
function readUtf8(bytes: Buffer, isCut: boolean): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, {
      stream: isCut,
    });
  } catch {
    return undefined;
  }
}
