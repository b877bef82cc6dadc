import type { RedisClient } from '../redis/client.ts';
import { manifestKey, segmentKey, segmentsKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import type { SourceList } from './lease.ts';
import { reclaimScript } from './scripts/reclaim.ts';

/** Keeps one call short; the next one goes on. */
const mostSegments = 50;

/** Unlinks what every route has answered for. Returns segments and bytes given back. */
export async function reclaim(
  client: RedisClient,
  { key }: SourceList,
): Promise<{ readonly segments: number; readonly bytes: number }> {
  const reply = await runScript(
    client,
    reclaimScript,
    [manifestKey(key), stateKey(key), segmentsKey(key)],
    [segmentKey(key, ''), mostSegments],
  );
  const [segments, bytes] = reply as [number, number];
  return { segments, bytes };
}
