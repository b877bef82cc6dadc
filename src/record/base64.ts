/** What Go's base64.StdEncoding makes of a text: the bytes, and whether all of it was base64. */
export interface Base64Result {
  readonly bytes: Buffer;
  readonly isComplete: boolean;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const foreign = 0xff;
const values = new Uint8Array(256).fill(foreign);
for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value;

const padding = 0x3d;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Decodes source[start … end) as Go does: line ends are skipped, and broken text gives the bytes before the break. */
export function decodeBase64(source: Buffer, start: number, end: number): Base64Result {
  const bytes = decodePlain(source, start, end);
  return bytes === undefined ? decodeByQuanta(source, start, end) : { bytes, isComplete: true };
}

/**
 * Only the alphabet, in whole quanta, padded at the end: what the runtime decodes like Go, and much faster. It skips what is not
 * of the alphabet, and then its result is shorter than it should be; but it also knows a second alphabet.
 */
function decodePlain(source: Buffer, start: number, end: number): Buffer | undefined {
  if ((end - start) % 4 !== 0) return undefined;
  let last = end;
  if (last > start && source[last - 1] === padding) last--;
  if (last > start && last < end && source[last - 1] === padding) last--;
  const text = source.toString('latin1', start, end);
  if (text.includes('-') || text.includes('_')) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === Math.floor(((last - start) * 3) / 4) ? bytes : undefined;
}

function decodeByQuanta(source: Buffer, start: number, end: number): Base64Result {
  const bytes = Buffer.alloc(Math.ceil(((end - start) * 3) / 4));
  let length = 0;
  let at = start;
  const next = (): number | undefined => {
    while (at < end && isLineEnd(source[at])) at++;
    return at < end ? source[at++] : undefined;
  };
  const done = (isComplete: boolean): Base64Result => ({
    bytes: bytes.subarray(0, length),
    isComplete,
  });
  for (;;) {
    let bits = 0;
    for (let digit = 0; digit < 4; digit++) {
      const byte = next();
      if (byte === undefined) return done(digit === 0);
      if (byte === padding) {
        if (digit < 2 || (digit === 2 && next() !== padding)) return done(false);
        length += writeBits(bytes, length, bits << (6 * (4 - digit)), digit - 1);
        return done(next() === undefined);
      }
      const value = values[byte] as number;
      if (value === foreign) return done(false);
      bits = (bits << 6) | value;
    }
    length += writeBits(bytes, length, bits, 3);
  }
}

const isLineEnd = (byte: number | undefined): boolean =>
  byte === lineFeed || byte === carriageReturn;

/** The first `count` of the three bytes in 24 bits. */
function writeBits(bytes: Buffer, at: number, bits: number, count: number): number {
  for (let index = 0; index < count; index++)
    bytes[at + index] = (bits >>> (16 - 8 * index)) & 0xff;
  return count;
}
