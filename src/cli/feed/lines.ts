import { createReadStream } from 'node:fs';
import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined: it is longer than any record. */
  readonly bytes: Buffer | undefined;
}

/** Of one line; records are a few KiB. */
const longestLine = 64 * 1024 * 1024;
const lineFeed = 0x0a;

/** The lines of a file, unpacked where its first bytes say gzip or zstd. Rejects where it cannot be read, or only in part. */
export async function* linesOf(file: string, longest = longestLine): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  let number = 0;
  const ended = (last: Buffer): Line => {
    number += 1;
    const isTooLong = length + last.length > longest;
    const line = { number, bytes: isTooLong ? undefined : Buffer.concat([...parts, last]) };
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of unpacked(file)) {
    let start = 0;
    for (
      let end = chunk.indexOf(lineFeed);
      end >= 0;
      start = end + 1, end = chunk.indexOf(lineFeed, start)
    )
      yield ended(chunk.subarray(start, end));
    const rest = chunk.subarray(start);
    length += rest.length;
    // Of what is too long only the length is kept.
    if (length <= longest) parts.push(rest);
    else parts = [];
  }
  if (length > 0) yield ended(Buffer.alloc(0));
}

async function* unpacked(file: string): AsyncGenerator<Buffer> {
  const raw: AsyncIterator<Buffer> = createReadStream(file)[Symbol.asyncIterator]();
  try {
    const first = await raw.next();
    if (first.done === true) return;
    const unpack = unpackerOf(first.value);
    const whole = chained(first.value, raw);
    if (unpack === undefined) yield* whole;
    // An error of any of them comes out of the last one.
    else yield* pipeline(Readable.from(whole), unpack, () => undefined) as AsyncIterable<Buffer>;
  } finally {
    await raw.return?.();
  }
}

async function* chained(first: Buffer, raw: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await raw.next(); next.done !== true; next = await raw.next()) yield next.value;
}

/** Of Node.js 22.15 and later; older types do not know it. */
interface Zstd {
  readonly createZstdDecompress: () => Transform;
}
const hasZstd = (library: object): library is Zstd => 'createZstdDecompress' in library;

/** Undefined: it is text as it is. */
function unpackerOf(start: Buffer): Transform | undefined {
  switch (start.toString('latin1', 0, 4)) {
    case '\x28\xb5\x2f\xfd':
      if (hasZstd(zlib)) return zlib.createZstdDecompress();
      throw new Error('this Node.js cannot read zstd (22.15 and later can): unpack it first');
    case 'PAR1':
      throw new Error('Parquet cannot be fed: only lines of JSON can');
    default:
      return start[0] === 0x1f && start[1] === 0x8b ? zlib.createGunzip() : undefined;
  }
}
