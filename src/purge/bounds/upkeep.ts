import type { BoundsConfig, DeliveryConfig } from '../../config/config.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { RedisClient } from '../../redis/client.ts';
import { ledgerKey, manifestKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import type { Claimed } from '../claim/claim.ts';
import type { SourceList } from '../lease/lease.ts';
import { readersOf } from '../lists.ts';
import type { PurgeMeter } from '../meter.ts';
import type { Attempt, Refusals } from '../refusals.ts';
import { bookedOutcomes } from '../scripts/settle.ts';
import { shedScript } from '../scripts/shed.ts';
import {
  type MayDrop,
  Progress,
  planShedding,
  relievedShare,
  type Shedding,
  widest,
} from './bounds.ts';
import { reclaim, reportReclaimed } from './reclaim.ts';
import type { Relief } from './relief.ts';
import { lacksBooks, type Survey, survey, totals } from './survey.ts';
import { reportForeign, tidy } from './tidy.ts';

interface UpkeepParts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly bounds: BoundsConfig;
  readonly delivery: DeliveryConfig;
  readonly lists: readonly SourceList[];
  readonly routes: readonly string[];
  /** Where ranges can go instead of being dropped; undefined: nowhere. */
  readonly relief?: Relief | undefined;
  readonly refusals: Refusals;
  /** Claiming pauses already, by the loop before this one; left out: it does not. */
  readonly wasHolding?: boolean;
}

const surveyEvery = 10_000;
const tidyEvery = 60_000;

/**
 * Keeps what Redis holds for us within its bound, knows every route's lag, and forgets what nobody needs. Asked after
 * every round of the purge loop; surveys only while there is something to survey. Long, for the bound, the lags and the
 * tidying go by one survey.
 */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #meter: PurgeMeter;
  readonly #progress = new Progress();
  #surveyed = Number.NEGATIVE_INFINITY;
  #tidied = Number.NEGATIVE_INFINITY;
  #hasTidied = false;
  #isSettled = false;
  #isHolding: boolean;
  #retained = 0;
  #unread = 0;
  /** Of the retained bytes those behind each list's oldest segment. */
  #behind = 0;
  /** The last one of each list, by its key. */
  readonly #surveys = new Map<string, Survey>();
  /** Lists that held ranges a round ago. */
  #stocked: readonly SourceList[] = [];

  constructor(parts: UpkeepParts, meter: PurgeMeter) {
    this.#parts = parts;
    this.#meter = meter;
    this.#isHolding = parts.wasHolding ?? false;
  }

  /** True while claiming must pause. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** Bytes of records that Redis cannot send. */
  get unreadBytes(): number {
    return this.#unread;
  }

  /** By route: records of a list that it had not answered for when last looked at. */
  pendingOf({ key }: SourceList): ReadonlyMap<string, number> {
    const { ledgers = [] } = this.#surveys.get(key) ?? {};
    return new Map(ledgers.map(({ route, pending }) => [route, pending]));
  }

  async afterRound(claimed: readonly Claimed[]): Promise<void> {
    const { bounds, clock } = this.#parts;
    this.#retained = claimed.reduce((sum, { retained }) => sum + retained, 0);
    this.#behind = claimed.reduce((sum, { retained, oldest }) => sum + retained - oldest, 0);
    await this.#dropKept(claimed);
    const isOver = this.#retained > bounds.retainedBytes;
    const stocked = claimed.filter(({ ranges }) => ranges > 0).map(({ list }) => list);
    const isStocked = stocked.length > 0;
    const isDue = clock.elapsed() - this.#surveyed >= surveyEvery;
    // Once more when the last range is answered for, so that the figures end where they should.
    const isLastLook = !isStocked && !this.#isSettled;
    if (isStocked) this.#isSettled = false;
    if (isOver || isLastLook || (isDue && isStocked)) {
      // Over the bound that is every round: then only where something is, or was a round ago, for nothing else changes.
      const isOfAll = isLastLook || isDue;
      const lists = isOfAll ? this.#lists : [...new Set([...stocked, ...this.#stocked])];
      const surveys = await this.#each('keep to the bounds', lists, (list) =>
        survey(this.#parts.client, list),
      );
      if (isOfAll) this.#surveyed = clock.elapsed();
      this.#isSettled = !isStocked;
      this.#note(surveys);
      if (isOver) await this.#makeRoom(surveys);
    }
    this.#stocked = stocked;
    this.#hold(this.#behind > bounds.retainedBytes);
    this.#meter.retained(this.#retained);
    await this.#tidy();
  }

  /**
   * What all have answered for and is kept for a rewind (`retain`) goes before the bound is reached, the list with the most
   * first, oldest first: nothing is dropped, moved or held up for it.
   */
  async #dropKept(claimed: readonly Claimed[]): Promise<void> {
    const { bounds, client, log, refusals } = this.#parts;
    const { retain } = bounds;
    if (retain === undefined) return;
    const most = bounds.retainedBytes * relievedShare;
    for (const { list, ...found } of claimed.toSorted((a, b) => b.retained - a.retained)) {
      for (let retained = found.retained; retained > 0 && this.#retained > most; ) {
        const kept = { retain, bytes: Math.max(0, retained - (this.#retained - most)) };
        try {
          const reclaimed = await reclaim(client, list, this.#meter, kept);
          reportReclaimed(reclaimed, { list, meter: this.#meter, log });
          if (reclaimed.bytes === 0) break;
          retained -= reclaimed.bytes;
          this.#retained -= reclaimed.bytes;
          this.#behind = Math.max(0, this.#behind - reclaimed.bytes);
        } catch (error) {
          if (!refusals.failed('give memory back', list.key, error)) throw error;
          break;
        }
      }
    }
  }

  #note(fresh: readonly Survey[]): void {
    for (const each of fresh) {
      this.#progress.note(each, this.#parts.clock.elapsed());
      this.#surveys.set(each.list.key, each);
      if (lacksBooks(each)) this.#tidied = Number.NEGATIVE_INFINITY;
    }
    const surveys = this.#lists.flatMap(({ key }) => this.#surveys.get(key) ?? []);
    this.#unread = surveys.reduce((sum, { unread }) => sum + unread, 0);
    this.#meter.unread(this.#unread);
    for (const route of this.#parts.routes) {
      let records = 0;
      let ageMs = 0;
      for (const { now, standings } of surveys) {
        const standing = standings.find((candidate) => candidate.route === route);
        if (standing === undefined || standing.oldest === '') continue;
        records += standing.lag;
        ageMs = Math.max(ageMs, now - Number(standing.oldest.split('-')[0]));
      }
      this.#meter.lag(route, records, ageMs);
    }
    for (const ledger of totals(surveys)) {
      this.#meter.expected(ledger.route, ledger.claimed);
      this.#meter.booked(ledger.route, 'pending', ledger.pending);
      for (const outcome of bookedOutcomes)
        this.#meter.booked(ledger.route, outcome, ledger.booked[outcome]);
    }
  }

  /** What can be moved to disk is moved; what cannot is dropped where that is the policy. */
  async #makeRoom(surveys: readonly Survey[]): Promise<void> {
    const { bounds, relief } = this.#parts;
    const isRelieved = this.#relieve(surveys);
    if (bounds.policy !== 'shed') return;
    const plan = this.#planShedding(surveys, bounds.retainedBytes, this.#isStalled);
    await this.#shed(relief === undefined ? plan : plan.filter((each) => !isRelieved(each)));
  }

  /**
   * Asks for relief. What comes back tells which sheddings it makes needless: those of routes it helps, and those of
   * other instances' routes while they move, for the other instance may be relieving them.
   */
  #relieve(surveys: readonly Survey[]): (shedding: Shedding) => boolean {
    const { bounds, relief } = this.#parts;
    if (relief === undefined) return () => false;
    const wanted = this.#planShedding(
      surveys,
      bounds.retainedBytes * relievedShare,
      (list, route) => relief.hasBacklog(route) || this.#isStalled(list, route),
      // Nothing is lost on disk, so here the oldest segments count too.
      this.#retained,
    );
    const needless = new Set<string>();
    for (const { survey, route, upTo } of wanted) {
      const { key } = survey.list;
      const answer = relief.relieve(route, key, upTo);
      const isOthers = answer === 'not-ours' && !this.#isStalled(key, route);
      if (answer === 'under-way' || isOthers) needless.add(`${key} ${route}`);
    }
    return ({ survey, route }) => needless.has(`${survey.list.key} ${route}`);
  }

  /** What has to go until no more than `bound` is left: of routes that stand still, and of late ones (bounds.ts). */
  #planShedding(
    surveys: readonly Survey[],
    bound: number,
    standsStill: (list: string, route: string) => boolean,
    heldByLate = this.#behind,
  ): readonly Shedding[] {
    const isLate: MayDrop = (list, route, hasSiblingDone) =>
      hasSiblingDone || standsStill(list, route);
    return widest(
      planShedding(surveys, this.#retained - bound, standsStill),
      planShedding(surveys, heldByLate - bound, isLate),
    );
  }

  readonly #isStalled = (list: string, route: string): boolean =>
    this.#progress.isStalled(list, route, this.#parts.clock.elapsed());

  async #shed(plan: readonly Shedding[]): Promise<void> {
    const { client, log, refusals } = this.#parts;
    for (const shedding of plan) {
      const { list } = shedding.survey;
      try {
        await this.#shedOne(shedding);
        const reclaimed = await reclaim(client, list, this.#meter);
        reportReclaimed(reclaimed, { list, meter: this.#meter, log });
        this.#retained -= reclaimed.bytes;
        this.#behind -= reclaimed.bytes;
      } catch (error) {
        if (!refusals.failed('give memory back', list.key, error)) throw error;
      }
    }
  }

  async #shedOne({ survey: { list }, route, upTo }: Shedding): Promise<void> {
    const { client, log } = this.#parts;
    const reply = await runScript(
      client,
      shedScript,
      [manifestKey(list.key), ledgerKey(list.key), stateKey(list.key)],
      [route, upTo],
    );
    const [ranges, records] = reply as [number, number];
    if (ranges === 0) return;
    this.#meter.shed(route, records);
    log.error(
      { route, list: list.key, records, ranges },
      'Records were dropped for one pump: Redis holds more than retained_bytes and this pump does not keep up.',
    );
  }

  #hold(isHolding: boolean): void {
    if (isHolding === this.#isHolding) return;
    this.#isHolding = isHolding;
    this.#meter.holding(isHolding);
    const fields = { retained: this.#retained, bound: this.#parts.bounds.retainedBytes };
    if (isHolding)
      this.#parts.log.warn(
        fields,
        'Claiming pauses: the records already claimed reach retained_bytes.',
      );
    else this.#parts.log.info(fields, 'Claiming goes on.');
  }

  async #tidy(): Promise<void> {
    const { client, clock, delivery, log, routes } = this.#parts;
    if (clock.elapsed() - this.#tidied < tidyEvery) return;
    this.#tidied = clock.elapsed();
    const groups = await this.#each('tidy', this.#lists, (list) =>
      tidy(client, list, readersOf(list, routes), delivery.orphanAfter),
    );
    if (groups.length < this.#lists.length) this.#tidied = Number.NEGATIVE_INFINITY;
    reportForeign(groups.flat(), { log, isStart: !this.#hasTidied, own: routes });
    this.#hasTidied = true;
  }

  /** Without those of a layout that this version does not know. */
  get #lists(): readonly SourceList[] {
    const { lists, refusals } = this.#parts;
    return lists.filter((list) => !refusals.isForeign(list));
  }

  /** Of every list for which Redis permits it: what is refused for one must not be missed by the others. */
  async #each<T>(
    attempt: Attempt,
    lists: readonly SourceList[],
    ask: (list: SourceList) => Promise<T>,
  ): Promise<readonly T[]> {
    const { refusals } = this.#parts;
    const answers = await Promise.allSettled(lists.map((list) => ask(list)));
    if (!refusals.round(attempt, lists, answers)) throw new Error('Redis does not answer');
    const found = answers.filter((answer) => answer.status === 'fulfilled');
    return found.map(({ value }) => value);
  }
}
