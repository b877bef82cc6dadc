import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import { isOutage } from '../../redis/connect-outage.ts';
import { whyForeign } from '../../redis/layout.ts';
import type { SourceList } from '../lease/lease.ts';
import { readersOf } from '../lists.ts';
import type { PurgeMeter } from '../meter.ts';
import { reportBegun, type Starts } from './starts.ts';
import { adopt, type FoundSegments, findSegments, recover, withoutName } from './unnamed.ts';

interface Parts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly lists: readonly SourceList[];
  readonly routes: readonly string[];
  readonly starts: Starts;
}

/** A look goes through all keys of Redis, so it is rare: no claim of this version leaves anything to be found. */
const lookEvery = millis(30 * 60_000);
/** While a list is lost nothing of it is claimed. */
const recoverAgainAfter = millis(5000);
/** Where something hints at a find, or Redis was away. */
const lookAgainAfter = millis(60_000);

/**
 * Looks for segments that nothing names (unnamed.ts) and names them: at start, now and then, and when a round has seen
 * ranges without a segment; and recovers lists whose manifest is gone. Runs beside claiming, which must not wait for a walk through all keys.
 */
export class Adoption {
  readonly #parts: Parts;
  readonly #meter: PurgeMeter;
  readonly #bell: Bell;
  /** Lists whose manifest is gone: by route, what it had not answered for as far as known. */
  readonly #lost = new Map<SourceList, ReadonlyMap<string, number>>();
  #looked = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts, meter: PurgeMeter) {
    this.#parts = parts;
    this.#meter = meter;
    this.#bell = new Bell(parts.clock);
  }

  /** Something of ours is missing. */
  hint(): void {
    if (this.#parts.clock.elapsed() - this.#looked >= lookAgainAfter) this.#bell.ring();
  }

  /** The manifest of a list is gone with records in it. Heard of in each round until it is mended. */
  lost(list: SourceList, known: ReadonlyMap<string, number>): void {
    const isNews = !this.#lost.has(list);
    if (isNews) this.#lost.set(list, known);
    if (isNews || this.#parts.clock.elapsed() - this.#looked >= recoverAgainAfter)
      this.#bell.ring();
  }

  /** Until the signal aborts. Redis errors do not come out. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    while (!signal.aborted) {
      this.#looked = clock.elapsed();
      let next = lookEvery;
      try {
        await this.#look(signal);
      } catch (error) {
        next = lookAgainAfter;
        if (error !== signal.reason && !isOutage(error))
          log.warn(
            { error: explain(error) },
            'Redis refuses to look for claimed records that nothing names, or to name them.',
          );
      }
      await this.#bell.sleep(next, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { client, lists, log, routes, starts } = this.#parts;
    const looks = await Promise.allSettled(lists.map(({ key }) => whyForeign(client, key)));
    const known = lists.filter((_list, at) => {
      const look = looks[at];
      return look?.status === 'fulfilled' && look.value === undefined;
    });
    const refused = looks.filter((look) => look.status === 'rejected');
    // What Redis forbids of one list must not be missed by the others.
    const isOver =
      refused.length === lists.length || refused.some(({ reason }) => isOutage(reason));
    if (isOver && refused[0] !== undefined) throw refused[0].reason;
    const found = await findSegments(client, known, signal);
    for (const list of this.#lost.keys()) if (!known.includes(list)) this.#lost.delete(list);
    await this.#recover(found);
    for (const { list, segments } of await withoutName(client, found)) {
      const readers = readersOf(known.find(({ key }) => key === list) ?? {}, routes);
      const adopted = await adopt(client, list, { segments, routes: readers, starts });
      reportBegun(adopted.begun, log);
      if (adopted.segments === 0) continue;
      this.#meter.adopted(adopted.records);
      log.warn(
        { list, segments: adopted.segments, 'number of records': adopted.records },
        'Claimed records that nothing named were found in Redis; they are delivered now.',
      );
    }
  }

  async #recover(found: FoundSegments): Promise<void> {
    const { client, log, routes } = this.#parts;
    for (const [list, pending] of this.#lost) {
      const { key } = list;
      const readers = readersOf(list, routes);
      const known = new Map(readers.map((route) => [route, pending.get(route) ?? 0]));
      const recovered = await recover(client, key, { segments: found.get(key) ?? [], known });
      this.#lost.delete(list);
      if (recovered === undefined) continue;
      log.warn(
        { list: key, 'number of records': recovered.records },
        'Our keys of a list are gone; the claimed records that are still there are delivered, some perhaps again.',
      );
      this.#meter.adopted(recovered.records);
      for (const [route, records] of recovered.vanished)
        log.error({ list: key, route, records }, 'Records are no longer in Redis and are lost.');
    }
  }
}
