import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { Compression } from '../settings.ts';

/** One that takes a millisecond does it at once, one that takes twenty in a thread of Node's. */
export type Compress = (records: Buffer) => Uint8Array | Promise<Uint8Array>;

/** A compression as Kafka numbers it; without a function the messages stay as they are. */
export interface Codec {
  readonly number: number;
  readonly compress: Compress | undefined;
}

/** Node has it from 22.15; the types are of an older one. */
const { zstdCompress } = zlib as {
  readonly zstdCompress?: (
    input: Buffer,
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
};

export const canCompress = (compression: Compression): boolean =>
  compression !== 'zstd' || zstdCompress !== undefined;

/**
 * Loads no library but the one needed. Snappy and LZ4 are WebAssembly, on this thread: a batch of 1 MiB takes them one or
 * two milliseconds. The native packages hold hundreds of megabytes: of what they allocate in one thread and release in
 * another, or as buffers whose size the collector does not know.
 */
export async function codecOf(compression: Compression): Promise<Codec> {
  switch (compression) {
    case 'none':
      return { number: 0, compress: undefined };
    case 'gzip':
      return { number: 1, compress: promisify(zlib.gzip) };
    case 'snappy': {
      const { snappyCompress } = await import('@platformatic/wasm-utils/bundled');
      return { number: 2, compress: (records) => framed(snappyCompress(records)) };
    }
    case 'lz4': {
      const { lz4Compress } = await import('@platformatic/wasm-utils/bundled');
      return { number: 3, compress: lz4Compress };
    }
    case 'zstd':
      if (zstdCompress === undefined) throw new Error('This version of Node has no zstd.');
      return { number: 4, compress: promisify(zstdCompress) };
  }
  return compression satisfies never;
}

/** Magic, version 1, readable from version 1 on: the frame of the Java library, which Kafka's consumers expect. */
const snappyHead = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');

function framed(block: Buffer): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeInt32BE(block.length);
  return Buffer.concat([snappyHead, length, block]);
}
