import kafkajs, { type CompressionTypes } from 'kafkajs';
import { type Compression, codecOf } from './producer/producer.ts';

type Learnt = CompressionTypes.Snappy | CompressionTypes.LZ4 | CompressionTypes.ZSTD;

const learnt = new Set<Learnt>();

/** kafkajs's number of the compression. It brings gzip alone; to write the others it learns from our producer. */
export async function teach(compression: Compression): Promise<CompressionTypes> {
  const { CompressionTypes: types } = kafkajs;
  switch (compression) {
    case 'none':
      return types.None;
    case 'gzip':
      return types.GZIP;
    case 'snappy':
      return learn(types.Snappy, compression);
    case 'lz4':
      return learn(types.LZ4, compression);
    case 'zstd':
      return learn(types.ZSTD, compression);
  }
  return compression satisfies never;
}

async function learn(type: Learnt, compression: Compression): Promise<Learnt> {
  if (learnt.has(type)) return type;
  const { compress } = await codecOf(compression);
  const codec = () => ({
    compress: async ({ buffer }: { readonly buffer: Buffer }) =>
      Buffer.from((await compress?.(buffer)) ?? buffer),
  });
  // Its types have the numbers here and their names elsewhere.
  Object.assign(kafkajs.CompressionCodecs, { [type]: codec });
  learnt.add(type);
  return type;
}
