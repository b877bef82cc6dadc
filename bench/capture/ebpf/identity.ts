import type { Redis } from 'ioredis';
import { decoders } from '../../../src/record/decoders.ts';

const list = 'analytics-tyk-system-analytics';
const page = 2000;

/** The share of all records in Redis whose answer has this body, byte for byte. NaN: there are none. */
export async function identical(client: Redis, body: string): Promise<number> {
  const decoder = decoders.find(({ name }) => name === 'msgpack');
  let [same, all] = [0, 0];
  for (let from = 0; ; from += page) {
    const elements = await client.lrangeBuffer(list, from, from + page - 1);
    if (elements.length === 0) return all === 0 ? Number.NaN : same / all;
    const chunk = decoder?.decode(elements);
    for (let index = 0; index < elements.length; index++) {
      const answer = Buffer.from(
        chunk?.record(index)?.text('raw_response') ?? '',
        'base64',
      ).toString('latin1');
      const [, said] = answer.split('\r\n\r\n');
      all++;
      if (said === body) same++;
    }
  }
}
