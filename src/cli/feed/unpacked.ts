import { createReadStream } from 'node:fs';
import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** What a file holds, unpacked where its first bytes say gzip or zstd. Rejects where it cannot be read, or only in part. */
export async function* unpacked(file: string): AsyncGenerator<Buffer> {
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
      throw new Error('Parquet cannot be fed: only lines of JSON and CSV can');
    default:
      return start[0] === 0x1f && start[1] === 0x8b ? zlib.createGunzip() : undefined;
  }
}
