import type { Log } from '../../lib/log.ts';
import type { Millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import { ledgerKey, manifestKey, segmentsKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import type { SourceList } from '../lease/lease.ts';
import { tidyScript } from '../scripts/tidy.ts';

/** A consumer group that no route of this process reads, or whose books were mended. */
export interface ForeignGroup {
  readonly list: string;
  readonly route: string;
  readonly isDestroyed: boolean;
  /** Milliseconds since an instance last named the route. */
  readonly unseenFor: number;
  readonly recordsLeft: number;
  /** Numbers were missing, or were none of ours. */
  readonly isMended: boolean;
}

/** Destroys what nobody has needed for `orphanAfter` and tells which groups belong to others. */
export async function tidy(
  client: RedisClient,
  { key }: SourceList,
  own: readonly string[],
  orphanAfter: Millis,
): Promise<readonly ForeignGroup[]> {
  const reply = await runScript(
    client,
    tidyScript,
    [manifestKey(key), stateKey(key), ledgerKey(key), segmentsKey(key)],
    [orphanAfter],
  );
  return (reply as [string, string, number, number, number][])
    .map(([route, state, unseenFor, recordsLeft, mended]) => ({
      list: key,
      route,
      isDestroyed: state === 'destroyed',
      unseenFor,
      recordsLeft,
      isMended: mended === 1,
    }))
    .filter(({ route, isDestroyed, isMended }) => isDestroyed || isMended || !own.includes(route));
}

/** Says what was destroyed, with what it had left; with `isStart` also what waits for somebody else. */
export function reportForeign(
  groups: readonly ForeignGroup[],
  {
    log,
    isStart,
    own,
  }: { readonly log: Log; readonly isStart: boolean; readonly own: readonly string[] },
): void {
  for (const { list, route, isDestroyed, unseenFor, recordsLeft, isMended } of groups) {
    if (isMended)
      log.warn(
        { list, route },
        'The books of a pump lacked a number, or had one that is not ours, and were mended from what Redis holds: somebody else deletes our keys or writes to them.',
      );
    if (!isDestroyed) continue;
    log.error(
      { list, route, records: recordsLeft, 'unseen seconds': Math.round(unseenFor / 1000) },
      'A route that no instance has any more was forgotten with what it had left.',
    );
  }
  if (!isStart) return;
  const waiting = new Map<string, { records: number; unseen: number }>();
  for (const { route, isDestroyed, unseenFor, recordsLeft } of groups) {
    if (isDestroyed || own.includes(route)) continue;
    const known = waiting.get(route) ?? { records: 0, unseen: unseenFor };
    waiting.set(route, {
      records: known.records + recordsLeft,
      unseen: Math.min(known.unseen, unseenFor),
    });
  }
  for (const [route, { records, unseen }] of waiting)
    log.warn(
      { route, records, 'unseen seconds': Math.round(unseen / 1000) },
      'Redis keeps records for a route that is not in this configuration.',
    );
}
