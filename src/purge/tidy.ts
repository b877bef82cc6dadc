import type { Log } from '../lib/log.ts';
import type { Millis } from '../lib/units.ts';
import type { RedisClient } from '../redis/client.ts';
import { manifestKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import type { SourceList } from './lease.ts';
import { tidyScript } from './scripts/tidy.ts';

/** A consumer group that no route of this process reads. */
export interface ForeignGroup {
  readonly list: string;
  readonly route: string;
  readonly isDestroyed: boolean;
  /** Milliseconds since an instance last named the route. */
  readonly unseenFor: number;
  readonly recordsLeft: number;
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
    [manifestKey(key), stateKey(key)],
    [orphanAfter],
  );
  return (reply as [string, string, number, number][])
    .map(([route, state, unseenFor, recordsLeft]) => ({
      list: key,
      route,
      isDestroyed: state === 'destroyed',
      unseenFor,
      recordsLeft,
    }))
    .filter(({ route, isDestroyed }) => isDestroyed || !own.includes(route));
}

/** Says what was destroyed, with what it had left; with `isStart` also which groups wait for somebody else. */
export function reportForeign(
  groups: readonly ForeignGroup[],
  { log, isStart }: { readonly log: Log; readonly isStart: boolean },
): void {
  for (const { list, route, isDestroyed, unseenFor, recordsLeft } of groups) {
    const fields = {
      list,
      route,
      records: recordsLeft,
      'unseen seconds': Math.round(unseenFor / 1000),
    };
    if (isDestroyed)
      log.error(
        fields,
        'A route that no instance has any more was forgotten with what it had left.',
      );
    else if (isStart)
      log.warn(fields, 'Redis keeps records for a route that is not in this configuration.');
  }
}
