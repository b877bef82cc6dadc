import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

/** How an object is compressed, and what shows it. */
export interface Compression {
  readonly ending: string;
  readonly encoding: string | undefined;
  readonly compress: (body: Buffer) => Promise<Buffer>;
}

type Name = 'gzip' | 'zstd' | 'none';

const gzip = promisify(zlib.gzip);

/** Of Node.js 22.15 and later; older types do not know it. */
function zstdOf(
  library: object,
): ((body: Buffer, done: (error: Error | null, result: Buffer) => void) => void) | undefined {
  const found: unknown = 'zstdCompress' in library ? library.zstdCompress : undefined;
  // What the name says, in every release that has it.
  return typeof found === 'function'
    ? (found as NonNullable<ReturnType<typeof zstdOf>>)
    : undefined;
}

const zstd = zstdOf(zlib);

export const canCompress = (name: Name): boolean => name !== 'zstd' || zstd !== undefined;

export function compressionOf(name: Name): Compression {
  switch (name) {
    case 'gzip':
      return { ending: '.gz', encoding: 'gzip', compress: (body) => gzip(body) };
    case 'zstd':
      if (zstd === undefined) throw new Error('This Node.js has no zstd.');
      return { ending: '.zst', encoding: 'zstd', compress: promisify(zstd) };
    case 'none':
      return { ending: '', encoding: undefined, compress: (body) => Promise.resolve(body) };
  }
  return name satisfies never;
}
