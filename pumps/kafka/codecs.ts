import * as zlib from 'node:zlib';
import kafkajs from 'kafkajs';
import type { Compression } from './settings.ts';

type Compress = (records: Buffer) => Promise<Buffer>;

/** Node has it from 22.15; the types are of an older one. */
const { zstdCompress } = zlib as {
  readonly zstdCompress?: (
    input: Buffer,
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
};

export const canCompress = (compression: Compression): boolean =>
  compression !== 'zstd' || zstdCompress !== undefined;

const { CompressionTypes, CompressionCodecs } = kafkajs;

const types = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const satisfies Readonly<Record<Compression, number>>;

/** Tells the client library how to compress so; it has only gzip of its own. Loads no library but the one needed. */
export async function installCodec(compression: Compression): Promise<(typeof types)[Compression]> {
  const compress = await compressorOf(compression);
  const type = types[compression];
  if (compress !== undefined && type !== CompressionTypes.None)
    CompressionCodecs[type] = () => ({
      compress: ({ buffer }: { readonly buffer: Buffer }) => compress(buffer),
    });
  return type;
}

async function compressorOf(compression: Compression): Promise<Compress | undefined> {
  switch (compression) {
    case 'none':
    case 'gzip':
      return undefined;
    case 'snappy': {
      const { compress } = await import('snappy');
      return async (records) => framed(await compress(records));
    }
    case 'lz4': {
      const { compressFrame } = await import('lz4-napi');
      return (records) => compressFrame(records);
    }
    case 'zstd':
      return (records) =>
        new Promise((resolve, reject) => {
          if (zstdCompress === undefined) throw new Error('This version of Node has no zstd.');
          zstdCompress(records, (error, result) =>
            error === null ? resolve(result) : reject(error),
          );
        });
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
