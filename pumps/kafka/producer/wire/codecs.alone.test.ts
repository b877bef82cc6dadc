import { randomFillSync } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { decompressFrame } from 'lz4-napi';
import { uncompress } from 'snappy';
import { expect, it } from 'vitest';
import { canCompress, codecOf } from './codecs.ts';

const mebibyte = 1024 ** 2;

it.each([
  ['snappy', (bytes: Buffer) => uncompress(bytes.subarray(20))],
  ['lz4', (bytes: Buffer) => decompressFrame(bytes)],
] as const)('keeps what it is given, small after large, with %s', async (compression, read) => {
  const { compress } = await codecOf(compression);
  for (const size of [1, 6 * mebibyte, 10, 20 * mebibyte, 1_000]) {
    const records = randomFillSync(Buffer.alloc(size, 'abc')).fill('abc', 0, size >> 1);

    const packed = Buffer.from((await compress?.(records)) ?? []);

    expect(records.equals(Buffer.from(await read(packed)))).toBe(true);
  }
});

it.for(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'holds no memory after hundreds of batches, with %s',
  async (compression, { skip }) => {
    if (!canCompress(compression)) skip(`Node ${process.version} has no ${compression}`);
    const { compress } = await codecOf(compression);
    // One half is noise, so that there is something to hand over.
    const records = Buffer.alloc(mebibyte, '{"api_id":"api"}');
    randomFillSync(records.subarray(mebibyte / 2));
    const rounds = compression === 'gzip' ? 20 : 100;
    const four = () => Promise.all([1, 2, 3, 4].map(async () => compress?.(records)));
    const peakOf = async (): Promise<number> => {
      let peak = 0;
      for (let round = 0; round < rounds; round++) {
        await four();
        await turn();
        peak = Math.max(peak, process.memoryUsage.rss());
      }
      return peak;
    };

    // What the collector leaves lying for a while is there the first time too.
    const first = await peakOf();
    const second = await peakOf();

    expect((second - first) / mebibyte).toBeLessThan(100);
  },
);
