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
  // What writes stays: a pump may have taught it that.
  const reading = (type: 2 | 3 | 4, decompress: (bytes: Buffer) => Promise<Buffer>): void => {
    const before = CompressionCodecs[type] as () => object;
    CompressionCodecs[type] = () => {
      try {
        return { ...before(), decompress };
      } catch {
        return { decompress };
      }
    };
  };
  reading(CompressionTypes.LZ4, (bytes) => decompressFrame(bytes));
  reading(CompressionTypes.Snappy, async (bytes) => {
    const size = bytes.readInt32BE(16);
    return Buffer.from(await uncompress(bytes.subarray(20, 20 + size)));
  });
  if (zstdDecompress !== undefined) reading(CompressionTypes.ZSTD, promisify(zstdDecompress));
}
