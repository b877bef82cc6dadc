import type { RedisClient } from '../redis/client.ts';
import { ledgerKey, manifestKey, segmentKey, segmentsKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { adopt, recover } from './claim/unnamed.ts';
import type { SourceList } from './lease/lease.ts';
import { nobody } from './lease/stream-leases.ts';
import { forgetScript, releaseRangeScript } from './scripts/release.ts';

const rangesAtOnce = 100;

/** What going back to the gateway's list did for one list. */
export interface Released {
  readonly list: string;
  readonly records: number;
  /** By route: records of those that it had answered for already, and will get again. */
  readonly again: ReadonlyMap<string, number>;
}

/**
 * Puts everything that some route has not answered for back into the gateway's list, in order and in bounded steps: the
 * way back to Tyk Pump; those of `unnamed` segments, which nothing names (claim/unnamed.ts), as well. No instance may run
 * meanwhile. Can be repeated after an interruption.
 */
export async function release(
  client: RedisClient,
  { key }: SourceList,
  signal: AbortSignal,
  unnamed: readonly string[] = [],
): Promise<Released> {
  await recover(client, key, { segments: unnamed, known: new Map() });
  await adopt(client, key, { segments: unnamed, routes: [] });
  const again = new Map<string, number>();
  let records = 0;
  for (;;) {
    signal.throwIfAborted();
    const entries = await client.xrevrange(manifestKey(key), '+', '-', 'COUNT', rangesAtOnce);
    if (entries.length === 0) break;
    for (const [id] of entries) {
      const reply = await runScript(
        client,
        releaseRangeScript,
        [key, manifestKey(key), ledgerKey(key), stateKey(key)],
        [segmentKey(key, ''), id],
      );
      const [pushed, ...answered] = reply as [number, ...string[]];
      records += pushed;
      if (pushed > 0)
        for (const route of answered) again.set(route, (again.get(route) ?? 0) + pushed);
    }
  }
  await runScript(
    client,
    forgetScript,
    [manifestKey(key), stateKey(key), segmentsKey(key), ledgerKey(key)],
    [segmentKey(key, '')],
  );
  return { list: key, records, again };
}

/** Consumers that spoke to Redis within `idle` milliseconds: instances that may still run. */
export async function liveConsumers(
  client: RedisClient,
  { key }: SourceList,
  idle: number,
): Promise<readonly string[]> {
  if ((await client.exists(manifestKey(key))) === 0) return [];
  const groups = pairsOf(await client.xinfo('GROUPS', manifestKey(key)));
  const live = new Set<string>();
  for (const group of groups) {
    const name = String(group.get('name'));
    for (const consumer of pairsOf(await client.xinfo('CONSUMERS', manifestKey(key), name))) {
      const who = String(consumer.get('name'));
      if (who !== nobody && Number(consumer.get('idle')) < idle) live.add(who);
    }
  }
  return [...live];
}

/** XINFO's answer: names and values in turn, per row. */
function pairsOf(reply: unknown): readonly Map<unknown, unknown>[] {
  return (reply as readonly (readonly unknown[])[]).map((row) => {
    const pairs = new Map<unknown, unknown>();
    for (let at = 0; at + 1 < row.length; at += 2) pairs.set(row[at], row[at + 1]);
    return pairs;
  });
}
