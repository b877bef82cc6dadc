import { Cluster, type Redis } from 'ioredis';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { RedisClient } from '../../redis/client.ts';
import { isOutage } from '../../redis/connect-outage.ts';

/** What one server says of itself. What it refuses to say is undefined. */
export interface RedisFacts {
  /** Of a cluster; else empty. */
  readonly node: string;
  /** All of INFO; empty where that is refused. */
  readonly info: ReadonlyMap<string, string>;
  /** `save` of its configuration: when it writes all to disk; empty: never. */
  readonly save: string | undefined;
  /** Each PING, in milliseconds. */
  readonly roundTrips: readonly number[];
  /** How far its clock is before ours, in milliseconds, within half a round trip. */
  readonly ahead: number | undefined;
  /** CLUSTER INFO; undefined: it is no cluster. */
  readonly cluster: ReadonlyMap<string, string> | undefined;
}

const pings = 5;

/** Asks every server that records go through: of a cluster each master. Rejects where one is away. */
export async function redisFacts(
  client: RedisClient,
  clock: Clock,
): Promise<readonly RedisFacts[]> {
  if (!(client instanceof Cluster)) return [await factsOf(client, '', clock)];
  return Promise.all(
    client
      .nodes('master')
      .map((node) => factsOf(node, `${node.options.host ?? ''}:${node.options.port ?? ''}`, clock)),
  );
}

async function factsOf(client: Redis, node: string, clock: Clock): Promise<RedisFacts> {
  const roundTrips: number[] = [];
  for (let at = 0; at < pings; at++) {
    const begun = clock.elapsed();
    await unlessRefused(() => client.ping());
    roundTrips.push(clock.elapsed() - begun);
  }
  const info = fields(await unlessRefused(() => client.info()));
  const save = await unlessRefused(() => client.config('GET', 'save'));
  return {
    ...{ node, info, roundTrips },
    save: Array.isArray(save) && typeof save[1] === 'string' ? save[1] : undefined,
    ahead: await aheadOf(client, clock),
    cluster: node === '' ? undefined : fields(await unlessRefused(() => client.cluster('INFO'))),
  };
}

async function aheadOf(client: Redis, clock: Clock): Promise<number | undefined> {
  const asked = clock.now();
  const time = await unlessRefused(() => client.time());
  const heard = clock.now();
  if (time === undefined) return undefined;
  const [seconds = 0, micros = 0] = time.map(Number);
  return seconds * 1000 + micros / 1000 - (asked + heard) / 2;
}

/** Undefined where Redis refuses to tell: what follows from that is for whoever needed it. */
async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isOutage(error)) throw new Error(explain(error), { cause: error });
    return undefined;
  }
}

function fields(text = ''): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) found.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return found;
}
