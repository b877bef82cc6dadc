import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';
import { millis } from '../../lib/units.ts';
import { pause } from '../../lib/waiting.ts';
import type { RedisClient } from '../../redis/client.ts';
import { stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import type { SourceList } from '../lease/lease.ts';
import { bookExpiredScript } from '../scripts/book-expired.ts';
import { expiredBetween } from './expired.ts';
import { createExpiryMeter, type ExpiryMeter } from './expiry-meter.ts';
import { type ListLook, lookAtList } from './list-look.ts';

/** Why a list is not claimed, and what an operator can do. */
export interface Unclaimed {
  readonly why: string;
  readonly remedy: string;
}

interface Parts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly lists: readonly SourceList[];
  /** Undefined: it is being claimed. */
  readonly whyUnclaimed: (list: string) => Unclaimed | undefined;
  /** Rounds are so far apart that a list may expire in between: then all are looked at now and then, whatever holds. */
  readonly isSlow: boolean;
}

interface Watched {
  readonly look: ListLook;
  /** The longest time that was seen to be left. */
  readonly most: number;
  /** That it is about to expire has been said; said again where it got more time meanwhile. */
  readonly isSaid: boolean;
  readonly unclaimed: Unclaimed | undefined;
}

/** While a list is not claimed it is looked at so often, and whether one is not so often in any case, which asks Redis nothing. */
const lookEvery = 1000;
const slowLookEvery = 10_000;
/** With so little time left, or less than this share of what it had, it is said that records are about to expire. */
const soon = 10_000;
const soonShare = 2 / 3;
/** The last look before a list expires is not earlier than this; then comes one when it has. */
const lastLook = 20;
const afterwards = 5;
/** Two instances that see one list expire know so exactly when that was. */
const sameMoment = 500;
/** What has expired stays a reason on the page for so long. */
const remembered = 3_600_000;

/**
 * Watches what is about to be lost: while lists of the gateway's are not claimed (a bound, what Redis refuses, an unknown
 * layout), their records live no longer than the gateway said. Before they go that is said with the cause, and what is gone
 * is counted (expired.ts) and booked in the list's state, once over all instances.
 *
 * Nothing is asked of Redis while everything is claimed. Towards the end of a list the looks come closer together, so that
 * what was pushed after the last one is next to nothing.
 */
export class ListWatch {
  #parts: Parts;
  readonly #meter: ExpiryMeter;
  readonly #watched = new Map<string, Watched>();
  readonly #expired = new Map<string, { records: number; at: number }>();
  /** What Redis refuses to tell, by list. */
  readonly #untold = new Map<string, string>();
  #isUntoldSaid = false;
  #lastSlow = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#meter = createExpiryMeter(
      parts.metrics,
      parts.lists.map(({ key }) => key),
    );
  }

  /** What is about to be lost and what was lost within the last hour, in words for a page. */
  get reasons(): readonly string[] {
    const now = this.#parts.clock.elapsed();
    const expiring = [...this.#watched].flatMap(([list, { look, unclaimed }]) => {
      if (unclaimed === undefined || look.records === 0 || look.expiresIn === undefined) return [];
      const seconds = Math.round(look.expiresIn / 1000);
      return [`${look.records} records of ${list} expire in ${seconds} s: ${unclaimed.why}`];
    });
    const expired = [...this.#expired].flatMap(([list, { records, at }]) =>
      now - at < remembered ? [`${records} records of ${list} expired unread`] : [],
    );
    const [untold] = this.#untold.values();
    if (untold === undefined) return [...expiring, ...expired];
    return [...expiring, ...expired, `whether records expire unread cannot be known: ${untold}`];
  }

  /** From the next look on, after a reload. */
  follow(watched: Pick<Parts, 'lists' | 'isSlow'>): void {
    this.#parts = { ...this.#parts, ...watched };
  }

  /** Watches until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { clock, lists, whyUnclaimed, isSlow } = this.#parts;
      const isSlowLook = isSlow && clock.elapsed() - this.#lastSlow >= slowLookEvery;
      if (isSlowLook) this.#lastSlow = clock.elapsed();
      const due = lists.filter(
        ({ key }) => isSlowLook || this.#watched.has(key) || whyUnclaimed(key) !== undefined,
      );
      await Promise.all(due.map(({ key }) => this.#look(key)));
      this.#say();
      await pause(clock, millis(this.#untilNext()), signal);
    }
  }

  async #look(list: string): Promise<void> {
    const { clock, whyUnclaimed, isSlow } = this.#parts;
    const unclaimed = whyUnclaimed(list);
    const before = this.#watched.get(list);
    let look: Awaited<ReturnType<typeof lookAtList>>;
    try {
      look = await lookAtList(this.#parts, list);
    } catch {
      // Redis is away, which the connection says. What is known stays: the next look is compared with it.
      return;
    }
    if ('refusal' in look) {
      this.#cannotTell(list, look.refusal);
      this.#watched.delete(list);
      return;
    }
    this.#untold.delete(list);
    if (before !== undefined) await this.#count(list, before, look);
    const { records, expiresIn } = look;
    const isExpiring = records > 0 && expiresIn !== undefined;
    if (unclaimed === undefined && !(isSlow && isExpiring)) {
      this.#watched.delete(list);
      this.#meter.expiring(list, 0, 0);
      return;
    }
    this.#meter.expiring(list, isExpiring ? clock.now() + expiresIn : 0, isExpiring ? records : 0);
    const left = expiresIn ?? Number.POSITIVE_INFINITY;
    this.#watched.set(list, {
      look,
      most: isExpiring ? Math.max(before?.most ?? 0, left) : 0,
      isSaid: before?.isSaid === true && isSoon(left, before.most),
      unclaimed,
    });
  }

  /** How long the loop may rest: ever shorter towards the end of a list. */
  #untilNext(): number {
    const left = [...this.#watched.values()].flatMap(({ look }) =>
      look.records > 0 && look.expiresIn !== undefined ? [look.expiresIn] : [],
    );
    const shortest = Math.min(...left);
    if (shortest <= lastLook) return shortest + afterwards;
    return Math.min(lookEvery, Math.max(lastLook / 2, shortest / 2));
  }

  #say(): void {
    const { log } = this.#parts;
    const found = [...this.#watched].filter(
      ([, { look, most, isSaid, unclaimed }]) =>
        unclaimed !== undefined &&
        look.records > 0 &&
        !isSaid &&
        look.expiresIn !== undefined &&
        isSoon(look.expiresIn, most),
    );
    for (const [list, watched] of found) this.#watched.set(list, { ...watched, isSaid: true });
    // The lists of one cause are one line: there may be two dozen.
    for (const why of new Set(found.map(([, { unclaimed }]) => unclaimed?.why))) {
      const alike = found.filter(([, { unclaimed }]) => unclaimed?.why === why);
      const [first] = alike.toSorted(([, a], [, b]) => leftOf(a) - leftOf(b));
      if (first === undefined) continue;
      log.error(
        {
          list: first[0],
          lists: alike.length,
          records: alike.reduce((sum, [, { look }]) => sum + look.records, 0),
          'expire in seconds': Math.round(leftOf(first[1]) / 1000),
          why,
          'what to do': first[1].unclaimed?.remedy,
        },
        'Records in the gateway’s lists expire soon unless they can be claimed again.',
      );
    }
  }

  async #count(list: string, { look: before, unclaimed }: Watched, now: ListLook): Promise<void> {
    const { clock, log } = this.#parts;
    const records = expiredBetween(before, now);
    if (records === 0) return;
    const expiredAt = before.until + (before.expiresIn ?? 0);
    const known = this.#expired.get(list);
    this.#expired.set(list, { records: (known?.records ?? 0) + records, at: clock.elapsed() });
    if (before.by === 'redis' && (await this.#isBookedByOthers(list, records, expiredAt))) {
      log.info({ list, records }, 'Another instance has counted records that expired unread.');
      return;
    }
    this.#meter.expired(list, records);
    log.error(
      { list, records, why: unclaimed?.why },
      'Records in a list of the gateway’s expired before they could be claimed: they are lost.',
    );
  }

  /** Where it cannot be booked, everybody counts. */
  async #isBookedByOthers(list: string, records: number, at: number): Promise<boolean> {
    const { client, log } = this.#parts;
    try {
      const args = [records, at, sameMoment];
      const reply = await runScript(client, bookExpiredScript, [stateKey(list)], args);
      return reply === 0;
    } catch {
      log.debug({ list, records }, 'Records that expired could not be booked in Redis.');
      return false;
    }
  }

  #cannotTell(list: string, refusal: string): void {
    this.#untold.set(list, refusal);
    if (this.#isUntoldSaid) return;
    this.#isUntoldSaid = true;
    this.#parts.log.warn(
      { refusal },
      'Redis does not permit this user to see when the gateway’s lists expire: what is lost there while they are not claimed cannot be counted.',
    );
  }
}

const isSoon = (left: number, most: number): boolean => left <= soon || left <= most * soonShare;

const leftOf = ({ look }: Watched): number => look.expiresIn ?? Number.POSITIVE_INFINITY;
