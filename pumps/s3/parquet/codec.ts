import * as zlib from 'node:zlib';
import { zstdSync } from '../compress.ts';

/** How the pages of columns are compressed. */
export interface Codec {
  readonly name: 'SNAPPY' | 'GZIP' | 'ZSTD' | 'UNCOMPRESSED';
  readonly compressors: Readonly<Record<string, (page: Uint8Array) => Uint8Array>>;
}

export function codecOf(name: 'snappy' | 'gzip' | 'zstd' | 'none'): Codec {
  switch (name) {
    case 'snappy':
      // The library's own.
      return { name: 'SNAPPY', compressors: {} };
    case 'gzip':
      return { name: 'GZIP', compressors: { GZIP: (page) => zlib.gzipSync(page) } };
    case 'zstd': {
      if (zstdSync === undefined) throw new Error('This Node.js has no zstd.');
      return { name: 'ZSTD', compressors: { ZSTD: zstdSync } };
    }
    case 'none':
      return { name: 'UNCOMPRESSED', compressors: {} };
  }
  return name satisfies never;
}
