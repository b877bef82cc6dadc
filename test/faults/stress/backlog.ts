import type { Redis } from 'ioredis';
import { recordAt } from '../../../src/cli/traffic/traffic.ts';
import { millis } from '../../../src/lib/units.ts';
import { encodeMsgpack } from '../../../src/record/encode/msgpack.ts';

/** The list that a gateway in its default configuration fills. */
export const gatewayList = 'analytics-tyk-system-analytics';

const staging = 'backlog';
const perPush = 200;
/** Redis answers nobody while a script runs. */
const perCall = 50_000;

/**
 * Makes `count` elements, the given ones over and over, so that filling takes seconds and costs nobody but Redis, and
 * then makes them the gateway's list in one moment: a backlog as a pump finds it that was away. Gives that moment in
 * milliseconds since the epoch.
 */
export async function fill(
  client: Redis,
  elements: readonly Buffer[],
  count: number,
): Promise<number> {
  for (let pushed = 0; pushed < count; ) {
    const portion = elements.slice(0, Math.min(perPush, count - pushed));
    const most = Math.min(perCall, count - pushed);
    const repeats = Math.max(1, Math.floor(most / portion.length));
    await client.eval(
      `for i = 1, tonumber(ARGV[1]) do redis.call('RPUSH', KEYS[1], unpack(ARGV, 2)) end`,
      1,
      staging,
      repeats,
      ...portion,
    );
    pushed += repeats * portion.length;
  }
  await client.rename(staging, gatewayList);
  return Date.now();
}

/** Realistic records of about that many bytes. */
export function someRecords(size: number, count = perPush): readonly Buffer[] {
  const options = { seed: 7, size, firstAt: millis(1_760_000_000_000), interval: 5 };
  return Array.from({ length: count }, (_, index) => encodeMsgpack(recordAt(index, options)));
}

/** `{"Method": "GET"}`: a record all the same, for what is missing is zero. */
export const tinyRecord = Buffer.from('\x81\xa6Method\xa3GET', 'latin1');

/** What no decoder takes for a record. */
export const junk = Buffer.from('\x0fjunk', 'latin1');
