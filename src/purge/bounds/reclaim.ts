import type { Log } from '../../lib/log.ts';
import { type Millis, millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import { ledgerKey, manifestKey, segmentKey, segmentsKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import type { SourceList } from '../lease/lease.ts';
import type { PurgeMeter } from '../meter.ts';
import { reclaimScript } from '../scripts/reclaim.ts';

/** Keeps one call short; the next one goes on. */
const mostSegments = 50;

/** What a line among the segments must have; for the log. */
const segmentLine = '<segment id>|<id of its last manifest entry>|<bytes>';

type Reply = readonly [number, number, [string, number, number][], string[], number[]];

export interface Reclaimed {
  readonly bytes: number;
  /** Routes whose ledger does not close: a bug, or somebody else's hand in our keys. */
  readonly mismatches: readonly {
    readonly route: string;
    readonly expected: number;
    readonly booked: number;
  }[];
  /** Lines among the segments that named none. */
  readonly strange: readonly string[];
  /** How long ago each of the segments was claimed, by Redis's clock; empty where nobody asked. */
  readonly times: readonly Millis[];
}

/** What is kept though every route has answered for it. */
export interface Keeping {
  /** So long after its claim. */
  readonly retain: Millis;
  /** While the list has at most so many. */
  readonly bytes: number;
}

/** Unlinks what every route has answered for. `isTimed`: says how long that took. */
export async function reclaim(
  client: RedisClient,
  { key }: SourceList,
  { isTimed }: Pick<PurgeMeter, 'isTimed'> = { isTimed: false },
  kept?: Keeping,
): Promise<Reclaimed> {
  const reply = await runScript(
    client,
    reclaimScript,
    [manifestKey(key), stateKey(key), segmentsKey(key), ledgerKey(key)],
    [segmentKey(key, ''), mostSegments, isTimed ? 1 : 0, kept?.retain ?? 0, kept?.bytes ?? 0],
  );
  const [, bytes, open, strange, times] = reply as Reply;
  return {
    bytes,
    mismatches: open.map(([route, expected, booked]) => ({ route, expected, booked })),
    strange,
    times: times.map(millis),
  };
}

/** Counts what was given back; a ledger that does not close is an error whoever reads the log must see. */
export function reportReclaimed(
  { bytes, mismatches, strange, times }: Reclaimed,
  {
    list,
    meter,
    log,
  }: { readonly list: SourceList; readonly meter: PurgeMeter; readonly log: Log },
): void {
  meter.reclaimed(bytes);
  for (const time of times) meter.answered(time);
  if (strange.length > 0)
    log.error(
      { list: list.key, lines: strange.length, expected: segmentLine },
      'Lines that name no segment were taken from our list of segments: somebody else writes to our keys.',
    );
  for (const { route, expected, booked } of mismatches) {
    meter.mismatch(route);
    log.error(
      { route, list: list.key, expected, booked },
      'The ledger of a pump does not close: records were answered for too often or not at all.',
    );
  }
}
