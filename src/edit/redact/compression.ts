import { isUtf8 } from 'node:buffer';
import * as zlib from 'node:zlib';

/** A reason why what is in a body cannot be known, so that all of it is redacted. */
export type Unsure = 'base64' | 'chunking' | 'compression' | 'size' | 'encoding' | 'error';

export type Decoded = { readonly bytes: Buffer } | { readonly unsure: Unsure };

interface Codec {
  readonly decode: (bytes: Buffer, limit: number) => Buffer | undefined;
  readonly encode: (bytes: Buffer) => Buffer;
}

/** What these functions give with `info`. */
interface Told {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

type Decode = (bytes: Buffer, options: { maxOutputLength: number; info: true }) => unknown;

/** Undefined where something follows that is not part of it: nobody knows what that is. */
const strict =
  (decode: Decode): Codec['decode'] =>
  (bytes, limit) => {
    // With `info` they give more than their types say.
    const { buffer, engine } = decode(bytes, { maxOutputLength: limit, info: true }) as Told;
    return engine.bytesWritten === bytes.length ? buffer : undefined;
  };

const gzip: Codec = { decode: strict(zlib.gunzipSync), encode: (bytes) => zlib.gzipSync(bytes) };
const inflate: Codec = {
  decode: strict(zlib.inflateSync),
  encode: (bytes) => zlib.deflateSync(bytes),
};
const inflateRaw: Codec = {
  decode: strict(zlib.inflateRawSync),
  encode: (bytes) => zlib.deflateRawSync(bytes),
};
const brotli: Codec = {
  decode: strict(zlib.brotliDecompressSync),
  // Its best is a hundred times slower.
  encode: (bytes) =>
    zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }),
};
const zstd = zstdOf(zlib);

/** Newer releases of Node have it. */
function zstdOf(library: Readonly<Record<string, unknown>>): Codec | undefined {
  const decode = library['zstdDecompressSync'];
  const encode = library['zstdCompressSync'];
  if (typeof decode !== 'function' || typeof encode !== 'function') return undefined;
  return {
    decode: strict(decode as Decode),
    encode: (bytes) => (encode as (bytes: Buffer) => Buffer)(bytes),
  };
}

/** `deflate` is what zlib writes; some send it without its frame. */
const deflate = (bytes: Buffer): Codec =>
  ((bytes[0] ?? 0) & 0x0f) === 8 && (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) % 31 === 0
    ? inflate
    : inflateRaw;

function codecOf(coding: string, bytes: Buffer): Codec | undefined {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return gzip;
    case 'br':
      return brotli;
    case 'deflate':
      return deflate(bytes);
    case 'zstd':
      return zstd;
    default:
      return undefined;
  }
}

/** The codings of a Content-Encoding, in the order in which they were applied. */
export const codingsOf = (header: string): readonly string[] =>
  header === ''
    ? noCodings
    : header
        .toLowerCase()
        .split(',')
        .map((coding) => coding.trim())
        .filter((coding) => coding !== '' && coding !== 'identity' && coding !== 'none');

const noCodings: readonly string[] = [];

/** More of them than anyone uses. */
const mostCodings = 5;

export interface Uncompressed {
  readonly bytes: Buffer;
  readonly compress: (bytes: Buffer) => Buffer;
}

/** Undoes codings one after the other, each within the limit. */
export function uncompress(
  bytes: Buffer,
  codings: readonly string[],
  limit: number,
): Uncompressed | { readonly unsure: Unsure } {
  if (codings.length > mostCodings) return { unsure: 'encoding' };
  const used: Codec[] = [];
  let plain = bytes;
  for (const coding of codings.toReversed()) {
    const codec = codecOf(coding, plain);
    if (codec === undefined) return { unsure: 'encoding' };
    const decoded = decodeWith(codec, plain, limit);
    if ('unsure' in decoded) return decoded;
    used.push(codec);
    plain = decoded.bytes;
  }
  return {
    bytes: plain,
    compress: (changed) => used.reduceRight((inner, { encode }) => encode(inner), changed),
  };
}

function decodeWith(codec: Codec, bytes: Buffer, limit: number): Decoded {
  try {
    const decoded = codec.decode(bytes, limit);
    return decoded === undefined ? { unsure: 'compression' } : { bytes: decoded };
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    return { unsure: isTooLarge ? 'size' : 'compression' };
  }
}

/** Whether what begins like zlib, and was none that could be read, is a text: two bytes are not much to tell it by. */
export const mayBeText = (text: string, unsure: Unsure): boolean =>
  unsure !== 'size' && isUtf8(Buffer.from(text, 'latin1'));

/** What something begins with tells how it is compressed, where no header does. */
export function sniffedCoding(text: string): string | undefined {
  if (text.startsWith('\x1f\x8b\x08')) return 'gzip';
  if (text.startsWith('\x28\xb5\x2f\xfd')) return 'zstd';
  return /^\x78[\x01\x5e\x9c\xda]/.test(text) ? 'deflate' : undefined;
}
