import { recordAt } from '../../src/cli/traffic/traffic.ts';
import { millis } from '../../src/lib/units.ts';
import { encodeMsgpack } from '../../src/record/encode/msgpack.ts';
import { encodeProtobuf } from '../../src/record/encode/protobuf.ts';
import type { RedisServer } from '../services/redis.ts';

const prefix = 'analytics-tyk-system-analytics';
const shards = ['', '_0', '_3', '_7'];
const portion = 2000;

export interface Pushed {
  /** The `alias` of every record that can be decoded. */
  readonly good: ReadonlySet<string>;
  readonly bad: number;
}

/**
 * Pushes realistic records over several lists in both encodings, each with an alias of its own; every `badEvery`-th
 * element is no record.
 */
export async function pushRecords(
  redis: RedisServer,
  count: number,
  { badEvery = 0, from = 0 }: { readonly badEvery?: number; readonly from?: number } = {},
): Promise<Pushed> {
  const good = new Set<string>();
  let bad = 0;
  for (let first = from; first < from + count; first += portion) {
    const lists = new Map<string, Buffer[]>();
    for (let index = first; index < Math.min(first + portion, from + count); index++) {
      const isBad = badEvery > 0 && index % badEvery === 0;
      const isProtobuf = index % 2 === 1;
      const key = `${prefix}${shards[index % shards.length] ?? ''}${isProtobuf ? '_protobuf' : ''}`;
      const elements = lists.get(key) ?? [];
      elements.push(isBad ? Buffer.from(`\x0fno record ${index}`) : element(index, isProtobuf));
      lists.set(key, elements);
      if (isBad) bad++;
      else good.add(aliasOf(index));
    }
    for (const [key, elements] of lists) await redis.client.rpush(key, ...elements);
  }
  return { good, bad };
}

const aliasOf = (index: number): string => `record-${index}`;

function element(index: number, isProtobuf: boolean): Buffer {
  const options = { seed: 7, size: 0, firstAt: millis(1_760_000_000_000), interval: 5 };
  const fields = { ...recordAt(index, options), alias: aliasOf(index) };
  return isProtobuf ? encodeProtobuf(fields) : encodeMsgpack(fields);
}
