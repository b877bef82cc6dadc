import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

/** How an object of lines is compressed, and what shows it. */
export interface Compression {
  readonly ending: string;
  readonly encoding: string | undefined;
  readonly compress: (body: Buffer) => Promise<Buffer>;
}

type Name = 'gzip' | 'zstd' | 'none';

const gzip = promisify(zlib.gzip);

/** Of Node.js 22.15 and later; older types do not know them. */
interface Zstd {
  readonly zstdCompress: (
    body: Uint8Array,
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
  readonly zstdCompressSync: (body: Uint8Array) => Buffer;
}

const hasZstd = (library: object): library is Zstd =>
  'zstdCompress' in library && 'zstdCompressSync' in library;

const zstd = hasZstd(zlib) ? zlib : undefined;

export const zstdSync: Zstd['zstdCompressSync'] | undefined = zstd?.zstdCompressSync;

export const canCompress = (name: string): boolean => name !== 'zstd' || zstd !== undefined;

export function compressionOf(name: Name): Compression {
  switch (name) {
    case 'gzip':
      return { ending: '.gz', encoding: 'gzip', compress: (body) => gzip(body) };
    case 'zstd':
      if (zstd === undefined) throw new Error('This Node.js has no zstd.');
      return { ending: '.zst', encoding: 'zstd', compress: promisify(zstd.zstdCompress) };
    case 'none':
      return { ending: '', encoding: undefined, compress: (body) => Promise.resolve(body) };
  }
  return name satisfies never;
}
