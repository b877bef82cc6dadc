import type { BoundsConfig, DeliveryConfig, PurgeConfig } from '../config/config.ts';
import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Instruments } from '../lib/instruments.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { type Millis, millis } from '../lib/units.ts';
import { pause } from '../lib/waiting.ts';
import type { RedisClient } from '../redis/client.ts';
import { reclaim, reportReclaimed } from './bounds/reclaim.ts';
import type { Relief } from './bounds/relief.ts';
import { Upkeep } from './bounds/upkeep.ts';
import { Adoption } from './claim/adoption.ts';
import { type Claimed, Claimer, rangeBytes } from './claim/claim.ts';
import { NextRound } from './claim/next-round.ts';
import { QuietLook } from './claim/quiet-look.ts';
import { reportBegun, Starts } from './claim/starts.ts';
import type { ChunkCache } from './lease/chunk-cache.ts';
import type { RouteLeases, SourceList } from './lease/lease.ts';
import { type PurgeNews, StreamSource } from './lease/stream-source.ts';
import { createPurgeMeter, type PurgeMeter } from './meter.ts';
import type { Purge, PurgeStatus } from './purge.ts';
import { Refusals } from './refusals.ts';

export interface PurgeParts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly purge: PurgeConfig;
  readonly bounds: BoundsConfig;
  readonly delivery: DeliveryConfig;
  readonly lists: readonly SourceList[];
  readonly routes: readonly string[];
  /** Of those, who get what is still kept for others when they are new; left out: nobody. */
  readonly fromOldest?: readonly string[];
  /** Name of this process in every consumer group; unique per process life. */
  readonly consumer: string;
  readonly version: string;
  /** What this instance says of itself besides, on one line; asked for in each round. */
  readonly about?: () => string;
  /** Undefined: nobody wants to know how long things take. */
  readonly instruments?: Instruments | undefined;
  /** Where ranges of routes that lag can go when Redis holds too much; undefined: nowhere. */
  readonly relief?: Relief | undefined;
  /** Hears after every round which manifests hold entries, for routes that run elsewhere. */
  readonly onStocked?: (stocked: readonly SourceList[]) => void;
}

/** Acknowledgements are gathered this long before memory is given back. */
const reclaimEvery = millis(200);
/** What others have left is looked for so often at most: while a backlog empties rounds follow each other closely. */
const reclaimForOthersEvery = 3000;

/**
 * The loop that drives claim and reclaim over Redis Streams.
 *
 * A round asks every list once, but for those of which one command says that there is nothing to ask for
 * (quiet-look.ts). The loop is in one of two states:
 *
 * - **claiming**: each round renames every non-empty list. The next round comes after `purge_delay`, sooner while records
 *   flow (claim/next-round.ts); after a backlog, which is a claim of more than a range, as soon as a route has nothing left
 *   to read.
 * - **holding**: the segments in Redis hold more than they may and nothing could be shed. Rounds only look. Entered
 *   and left by the upkeep (bounds/upkeep.ts), which is asked after every round; a round comes at least every second.
 *
 * Beside it runs reclaiming: whenever a route has settled something, segments that all routes have answered for are
 * unlinked; and segments that nothing names are looked for (claim/adoption.ts). A reload with other routes, lists or bounds makes
 * another loop, once this one has ended: what the routes have leased, and read, goes on. A failed round (Redis away) changes nothing: the next one makes sure again that the groups exist, because
 * Redis may have come back empty.
 */
export class StreamPurge implements Purge {
  readonly mode = 'at-least-once';
  /** For routes that run elsewhere; those of `leasesFor` have it already. */
  readonly news: PurgeNews;
  readonly #parts: PurgeParts;
  readonly #source: StreamSource;
  /** Tells the loop that is at work. */
  readonly #hearer: { news: PurgeNews };
  readonly #claimer: Claimer;
  readonly #quiet: QuietLook;
  readonly #upkeep: Upkeep;
  readonly #adoption: Adoption;
  readonly #refusals: Refusals;
  readonly #meter: PurgeMeter;
  readonly #nextRound: NextRound;
  readonly #reclaimBell: Bell;
  /** Lists with settled ranges since the last reclaiming. */
  readonly #settled = new Set<SourceList>();
  /** Lists whose manifest holds entries for routes to read. */
  #stocked: readonly SourceList[] = [];
  #reclaimedForOthers = Number.NEGATIVE_INFINITY;
  #ensuresGroups = true;
  #isBacklog = false;
  #lastRound: Millis | undefined;

  /** `earlier`: the one that this takes the place of, ended. */
  constructor(parts: PurgeParts, earlier?: StreamPurge) {
    this.#parts = parts;
    const starts = new Starts(parts.fromOldest);
    this.#claimer = new Claimer(parts.client, parts.routes, parts.purge.chunk, starts);
    this.#quiet = new QuietLook(parts);
    this.#meter = createPurgeMeter(parts.metrics, parts.clock, parts.routes, parts.instruments);
    const { clock, log, lists } = parts;
    this.#refusals = new Refusals({ clock, log, meter: this.#meter, lists: lists.length });
    const wasHolding = earlier?.status().isHolding ?? false;
    this.#upkeep = new Upkeep({ ...parts, refusals: this.#refusals, wasHolding }, this.#meter);
    this.#adoption = new Adoption({ ...parts, starts }, this.#meter);
    this.#nextRound = new NextRound({ ...parts, hasNews: () => this.#quiet.hasNews() });
    this.#reclaimBell = new Bell(parts.clock);
    this.news = {
      settled: (list) => {
        this.#settled.add(list);
        this.#reclaimBell.ring();
      },
      idle: () => {
        if (this.#isBacklog) this.#nextRound.ring();
      },
      groupMissing: () => {
        this.#ensuresGroups = true;
        this.#nextRound.ring();
      },
    };
    const { lease } = parts.delivery;
    const { cacheBytes } = parts.bounds;
    const { leadWaited } = this.#meter;
    if (earlier !== undefined) {
      this.#hearer = earlier.#hearer;
      this.#source = earlier.#source;
      this.#follow(earlier);
      return;
    }
    const hearer = { news: this.news };
    this.#hearer = hearer;
    const news: PurgeNews = {
      settled: (list) => hearer.news.settled(list),
      idle: () => hearer.news.idle(),
      groupMissing: () => hearer.news.groupMissing(),
    };
    this.#source = new StreamSource({ ...parts, lease, cacheBytes, news, leadWaited });
  }

  #follow(earlier: StreamPurge): void {
    const { bounds, lists } = this.#parts;
    this.#hearer.news = this.news;
    this.#source.follow(lists);
    this.#source.resize(bounds.cacheBytes);
    this.#lastRound = earlier.#lastRound;
    for (const list of earlier.#settled) this.news.settled(list);
  }

  get chunks(): ChunkCache {
    return this.#source.chunks;
  }

  leasesFor(route: string): RouteLeases {
    return this.#source.leasesFor(route);
  }

  forget(route: string): void {
    this.#source.forget(route);
  }

  async run(signal: AbortSignal): Promise<void> {
    const reclaiming = this.#reclaimWhileSettled(signal);
    const adopting = this.#adoption.run(signal);
    while (!signal.aborted) {
      const begun = this.#parts.clock.elapsed();
      const lists = await this.#listsToAsk();
      if (lists.length > 0) await this.#round(lists);
      this.#meter.round(millis(this.#parts.clock.elapsed() - begun));
      await this.#nextRound.wait(this.#upkeep, signal);
    }
    await Promise.all([reclaiming, adopting]);
  }

  status(): PurgeStatus {
    return {
      lastRound: this.#lastRound,
      isHolding: this.#upkeep.isHolding,
      refusals: this.#refusals.current,
      isRefused: this.#refusals.isTotal,
      unreadBytes: this.#upkeep.unreadBytes,
    };
  }

  /** Empty: nothing is to be done; the round has been made with one command. */
  async #listsToAsk(): Promise<readonly SourceList[]> {
    const { clock, lists } = this.#parts;
    if (this.#ensuresGroups) return lists;
    try {
      const asked = await this.#quiet.toAsk();
      if (asked.length === 0) this.#lastRound = clock.elapsed();
      return asked;
    } catch {
      // The round meets with the same, and says so.
      return lists;
    }
  }

  async #round(lists: readonly SourceList[]): Promise<void> {
    const { consumer: name, log, version, about = () => '' } = this.#parts;
    const self = { name, version, about: about() };
    const ensuresGroups = this.#ensuresGroups;
    const isClaiming = !this.#upkeep.isHolding;
    this.#ensuresGroups = false;
    const outcomes = await Promise.allSettled(
      lists.map((list) => this.#claimer.claim(list, { isClaiming, ensuresGroups, self })),
    );
    const answers = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value] : [],
    );
    for (const { list } of answers.filter(({ isLost }) => isLost))
      this.#adoption.lost(list, this.#upkeep.pendingOf(list));
    const claimed = answers.filter(({ isLost }) => !isLost);
    // One list that Redis refuses is said as such, and is no reason to call the loop stuck.
    if (this.#refusals.round('claim', lists, outcomes) && claimed.length > 0)
      this.#lastRound = this.#parts.clock.elapsed();
    const isWhole = lists.every(
      (list, at) => isAnswered(outcomes[at]) || this.#refusals.isForeign(list),
    );
    if (!isWhole) this.#ensuresGroups = true;
    const empty = claimed.filter(
      ({ records, ranges, segments }) => records + ranges + segments === 0,
    );
    this.#quiet.hasLooked(lists, isWhole && isClaiming ? empty.map(({ list }) => list) : []);
    // Not by the ranges in Redis: those of a sink that is away would make every claim look like one.
    this.#isBacklog = claimed.some(({ bytes }) => bytes > rangeBytes);
    if (claimed.some(({ ranges, segments }) => ranges > 0 && segments === 0)) this.#adoption.hint();
    reportBegun(
      claimed.flatMap(({ begun }) => begun),
      log,
    );
    this.#announce(claimed);
    this.#reclaimForOthers(claimed);
    await this.#upkeep.afterRound(claimed).catch((error: unknown) => {
      log.debug(
        { error: explain(error) },
        'The bounds could not be checked; the next round tries again.',
      );
    });
    this.#refusals.say();
    // The gateway's lists have grown meanwhile: what they hold has waited long enough.
    if (!isClaiming && !this.status().isHolding) this.#nextRound.ring();
  }

  #announce(claimed: readonly Claimed[]): void {
    const asked = new Map(claimed.map(({ list, ranges }) => [list, ranges]));
    // One that cannot be claimed just now still has what was claimed before.
    this.#stocked = this.#parts.lists.filter((list) => {
      const ranges = asked.get(list);
      if (ranges !== undefined) return ranges > 0;
      return this.#stocked.includes(list) && !this.#refusals.isForeign(list);
    });
    const stocked = this.#stocked;
    if (claimed.some(({ records }) => records > 0)) this.#nextRound.claimed();
    for (const { list, records, bytes } of claimed) {
      if (records === 0) continue;
      this.#meter.claimed(records, bytes);
      this.#parts.log.debug(
        { list: list.key, 'number of records': records, bytes },
        'Claimed a list.',
      );
    }
    this.#source.announce(stocked);
    this.#parts.onStocked?.(stocked);
  }

  /**
   * Whoever settles the last range of a segment reclaims it, unless it was killed in between or Redis did not answer. So
   * now and then lists without news are looked at.
   */
  #reclaimForOthers(claimed: readonly Claimed[]): void {
    const now = this.#parts.clock.elapsed();
    if (now - this.#reclaimedForOthers < reclaimForOthersEvery) return;
    this.#reclaimedForOthers = now;
    const quiet = claimed.filter(({ records, ranges }) => records === 0 && ranges > 0);
    for (const { list } of quiet) this.#settled.add(list);
    if (quiet.length > 0) this.#reclaimBell.ring();
  }

  async #reclaimWhileSettled(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      await this.#reclaimBell.sleep(millis(60_000), signal);
      await pause(clock, reclaimEvery, signal);
      await this.finish();
    }
  }

  /** Unlinks what the settled ranges have freed; what fails is tried again with the next one settled. Nothing is lost. */
  async finish(): Promise<number> {
    const { client, log } = this.#parts;
    const lists = [...this.#settled];
    const { retain, retainedBytes } = this.#parts.bounds;
    const kept = retain === undefined ? undefined : { retain, bytes: retainedBytes };
    this.#settled.clear();
    // All at once: with a Redis that does not answer, one after the other would be a deadline for each.
    await Promise.all(
      lists.map(async (list) => {
        try {
          reportReclaimed(await reclaim(client, list, this.#meter, kept), {
            list,
            meter: this.#meter,
            log,
          });
          this.#refusals.succeeded('give memory back', list.key);
        } catch (error) {
          this.#refusals.failed('give memory back', list.key, error);
          if (!this.#refusals.isForeign(list)) this.#settled.add(list);
        }
      }),
    );
    return 0;
  }
}

const isAnswered = (outcome: PromiseSettledResult<Claimed> | undefined): boolean =>
  outcome?.status === 'fulfilled' && !outcome.value.isLost;
