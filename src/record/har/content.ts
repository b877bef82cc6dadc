import { isUtf8 } from 'node:buffer';
import * as zlib from 'node:zlib';
import { type MessageParts, valueOf } from './message.ts';

/** No body becomes larger when it is decoded. */
const mostDecoded = 16 * 1024 * 1024;

type Decode = (bytes: Buffer, most: { maxOutputLength: number }) => Buffer;

/** Node has it from 22.15 on. */
const { zstdDecompressSync: zstd } = zlib as { readonly zstdDecompressSync?: Decode };

const decoders: Readonly<Record<string, Decode>> = {
  gzip: zlib.gunzipSync,
  'x-gzip': zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  ...(zstd === undefined ? {} : { zstd }),
};

/** A body without chunks and compression, as HAR has it; as it is, where it cannot be decoded: a part of one, or an unknown coding. */
export function contentOf(message: MessageParts): Buffer {
  const isChunked = /chunked\s*$/i.test(valueOf(message, 'transfer-encoding'));
  const body = isChunked ? (dechunked(message.body) ?? message.body) : message.body;
  const coding = valueOf(message, 'content-encoding').trim().toLowerCase();
  const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
  try {
    return decode?.(body, { maxOutputLength: mostDecoded }) ?? body;
  } catch {
    return body;
  }
}

/** Undefined: it is not in whole chunks. */
function dechunked(body: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    const [, digits] =
      /^([\da-f]{1,8})\s*(?:;|$)/i.exec(body.toString('latin1', at, Math.max(at, end))) ?? [];
    if (end < 0 || digits === undefined) return undefined;
    const from = end + 2;
    const to = from + Number.parseInt(digits, 16);
    if (to === from) return Buffer.concat(parts);
    if (to + 2 > body.length) return undefined;
    parts.push(body.subarray(from, to));
    at = to + 2;
  }
}

/** As a text; in base64 where it is none. */
export const textOrBase64 = (
  bytes: Buffer,
): { readonly text: string; readonly isBase64: boolean } =>
  isUtf8(bytes) && !bytes.includes(0)
    ? { text: bytes.toString('utf8'), isBase64: false }
    : { text: bytes.toString('base64'), isBase64: true };
