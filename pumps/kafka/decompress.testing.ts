import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import kafkajs from 'kafkajs';
import { decompressFrame } from 'lz4-napi';
import { uncompress } from 'snappy';

const { zstdDecompress } = zlib as {
  readonly zstdDecompress?: (
    input: Buffer,
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
};

/** Teaches kafkajs to read what it cannot read by itself. */
export function readCompressed(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const reading = (decompress: (bytes: Buffer) => Promise<Buffer>) => () => ({ decompress });
  CompressionCodecs[CompressionTypes.LZ4] = reading((bytes) => decompressFrame(bytes));
  CompressionCodecs[CompressionTypes.Snappy] = reading(async (bytes) => {
    const size = bytes.readInt32BE(16);
    return Buffer.from(await uncompress(bytes.subarray(20, 20 + size)));
  });
  if (zstdDecompress !== undefined)
    CompressionCodecs[CompressionTypes.ZSTD] = reading(promisify(zstdDecompress));
}
