/**
 * Dead letters that Redis refuses to store: somebody else's key in their place, no memory left, a right that is missing,
 * one letter that is too large. Their records stay unanswered, so their ranges stay in Redis; everything else of the
 * route goes on, on this list too.
 *
 * Such a letter gives back the memory of its record, which is still in its segment: here is only what would be lost
 * otherwise, the reason. From time to time the records are read again and stored; a batch that is refused is halved, so
 * that one letter holds up no other. What is here when the route ends is delivered anew by the next start.
 */

import type { Treatment } from '../../edit/treatment.ts';
import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { isAborted } from '../../lib/waiting.ts';
import type { Chunks, Leases, ReadRange, SourceList } from '../../purge/lease/lease.ts';
import { isRefusal } from '../../redis/retrying.ts';
import { backoffDelay } from '../backoff.ts';
import type { RouteEvents } from '../events/route-events.ts';
import type { Holdings } from '../holdings.ts';
import { type OpenRange, recordCost } from '../item.ts';
import type { Rejected } from '../judge.ts';
import type { DeadLetter } from './letter.ts';
import type { DeadLetters, Stored } from './store.ts';

export interface UnstoredLettersParts {
  readonly route: string;
  readonly leases: Pick<Leases, 'isHeld'>;
  readonly chunks: Chunks;
  readonly letters: DeadLetters;
  readonly holdings: Holdings;
  readonly events: RouteEvents;
  /** What the sink saw is what a letter holds. */
  readonly treatment: Pick<Treatment, 'weigh' | 'edit'>;
  readonly clock: Clock;
  /** Letters were stored, or not. */
  onChange(): void;
}

/** A letter whose record has to be read again. */
export interface UnstoredLetter {
  readonly openRange: OpenRange;
  /** Within the range. */
  readonly index: number;
  /** Without its bytes. */
  readonly letter: DeadLetter;
  readonly failure: Rejected['failure'];
}

/** What cannot be decoded in a range, stored as one. */
export interface UnstoredElements {
  readonly openRange: OpenRange;
  readonly count: number;
}

/** Those of one list: what Redis refuses is a key, and keys are a list's own. */
interface Pile {
  letters: readonly UnstoredLetter[];
  elements: readonly UnstoredElements[];
  failures: number;
  dueAt: Millis;
  reason: string;
}

const pauses = { base: millis(1000), max: millis(30_000) };
const longestSleep = millis(60_000);
/** Refusals until the rest of a pile is left alone for this time. Enough to find one letter among thousands. */
const mostRefusals = 16;

export class UnstoredLetters {
  readonly #parts: UnstoredLettersParts;
  readonly #bell: Bell;
  readonly #piles = new Map<SourceList, Pile>();

  constructor(parts: UnstoredLettersParts) {
    this.#parts = parts;
    this.#bell = new Bell(parts.clock);
  }

  get state(): { readonly records: number; readonly reason: string } | undefined {
    const piles = [...this.#piles.values()];
    const records = piles.reduce((sum, pile) => sum + sizeOf(pile), 0);
    return records === 0 ? undefined : { records, reason: piles[0]?.reason ?? '' };
  }

  add(
    list: SourceList,
    { letters = [], elements = [] }: Partial<Pick<Pile, 'letters' | 'elements'>>,
    error: Error,
  ): void {
    const known = this.#piles.get(list);
    const dueAt = this.#parts.clock.elapsed();
    const pile = known ?? { letters: [], elements: [], failures: 0, dueAt, reason: '' };
    pile.letters = [...pile.letters, ...letters];
    pile.elements = [...pile.elements, ...elements];
    pile.reason = explain(error);
    this.#piles.set(list, pile);
    this.#bell.ring();
  }

  /** Stores what can be stored, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, events } = this.#parts;
    while (!isAborted(signal)) {
      for (const [list, pile] of this.#piles) {
        if (pile.dueAt > clock.elapsed() || isAborted(signal)) continue;
        const before = sizeOf(pile);
        await this.#store(list, pile, signal);
        pile.failures = sizeOf(pile) < before ? 1 : pile.failures + 1;
        pile.dueAt = millis(clock.elapsed() + backoffDelay(pauses, pile.failures, clock));
        if (sizeOf(pile) === 0) this.#piles.delete(list);
        else events.lettersRefused(sizeOf(pile), { list: list.key, reason: pile.reason });
        this.#parts.onChange();
      }
      const next = Math.min(...[...this.#piles.values()].map(({ dueAt }) => dueAt));
      const pause = Math.max(0, Math.min(longestSleep, next - clock.elapsed()));
      await this.#bell.sleep(millis(pause), signal);
    }
  }

  /** One round over a pile. What is added meanwhile is left to the next. */
  async #store(list: SourceList, pile: Pile, signal: AbortSignal): Promise<void> {
    const round = new Round(pile);
    try {
      for (const { openRange, count } of pile.elements)
        await round.ask(async () => {
          const read = await this.#read(openRange, signal);
          const { undecodable } = read.chunk;
          const stored = await this.#parts.letters.putUndecodable(
            openRange.lease.range,
            undecodable,
          );
          pile.elements = pile.elements.filter((one) => one.openRange !== openRange);
          this.#elementsStored(openRange, { count, stored, reason: undecodable[0]?.reason ?? '' });
        });
      for (const [openRange, some] of byRange(pile.letters))
        await round.ask(async () => {
          const read = await this.#read(openRange, signal);
          await this.#forgetVanished({ openRange, some, read, pile }, signal);
          const letters = some.flatMap((one) => letterOf(one, read, this.#parts.treatment));
          await this.#put({ list, pile, round }, letters);
        });
    } catch {
      // Redis is away, which its connection says, or the route ends: the next round repeats it.
    }
  }

  #read({ lease }: OpenRange, signal: AbortSignal): Promise<ReadRange> {
    return this.#parts.chunks.read(lease.range, signal);
  }

  async #put(
    at: { readonly list: SourceList; readonly pile: Pile; readonly round: Round },
    some: readonly { readonly one: UnstoredLetter; readonly letter: DeadLetter }[],
  ): Promise<void> {
    if (some.length === 0) return;
    const isStored = await at.round.ask(async () => {
      const made = some.map(({ letter }) => letter);
      const stored = await this.#parts.letters.put(at.list, this.#parts.route, made);
      const gone = new Set(some.map(({ one }) => one));
      at.pile.letters = at.pile.letters.filter((one) => !gone.has(one));
      this.#parts.events.lettersStored(stored);
      for (const { openRange, failure } of gone) {
        this.#parts.events.rejected(1, failure);
        this.#answer(openRange, 1, 'rejected');
      }
    });
    if (isStored || some.length === 1) return;
    const middle = Math.ceil(some.length / 2);
    await this.#put(at, some.slice(0, middle));
    await this.#put(at, some.slice(middle));
  }

  #elementsStored(
    openRange: OpenRange,
    { count, stored, reason }: { count: number; stored: Stored; reason: string },
  ): void {
    this.#parts.events.undecodable(count, reason, stored);
    this.#answer(openRange, count, 'rejected');
  }

  /** The segment is gone: another instance has answered for the range, or the records are lost. */
  async #forgetVanished(
    at: { openRange: OpenRange; some: readonly UnstoredLetter[]; read: ReadRange; pile: Pile },
    signal: AbortSignal,
  ): Promise<void> {
    const { openRange, some, read, pile } = at;
    const vanished = new Set(some.filter(({ index }) => index >= read.chunk.size));
    if (vanished.size === 0) return;
    const { leases, holdings, events } = this.#parts;
    const isOurs = await leases.isHeld(openRange.lease, signal);
    pile.letters = pile.letters.filter((one) => !vanished.has(one));
    if (isOurs) {
      events.vanished(vanished.size, openRange.list.key);
      this.#answer(openRange, vanished.size, 'vanished');
    } else holdings.free(vanished.size * recordCost);
  }

  #answer(openRange: OpenRange, records: number, outcome: 'rejected' | 'vanished'): void {
    const { holdings } = this.#parts;
    holdings.answer(openRange, records, outcome);
    holdings.free(records * recordCost);
  }
}

/** Counts refusals; after many of them nothing more is asked in this round. */
class Round {
  readonly #pile: Pile;
  #refusals = 0;

  constructor(pile: Pile) {
    this.#pile = pile;
  }

  /** False: Redis refused, or was not asked any more. Rejects where it did not answer. */
  async ask(action: () => Promise<void>): Promise<boolean> {
    if (this.#refusals >= mostRefusals) return false;
    try {
      await action();
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refusals += 1;
      this.#pile.reason = explain(error);
      return false;
    }
  }
}

function letterOf(
  one: UnstoredLetter,
  { chunk }: ReadRange,
  { weigh, edit }: UnstoredLettersParts['treatment'],
) {
  const record = chunk.record(one.index);
  if (record === undefined) return [];
  const { segment, start } = one.openRange.lease.range;
  const sent = edit?.(record, weigh?.(record, segment, start + one.index)) ?? record;
  return [{ one, letter: { ...one.letter, bytes: sent.bytes } }];
}

function byRange(letters: readonly UnstoredLetter[]): Map<OpenRange, UnstoredLetter[]> {
  const openRanges = new Map<OpenRange, UnstoredLetter[]>();
  for (const one of letters) {
    const some = openRanges.get(one.openRange);
    if (some === undefined) openRanges.set(one.openRange, [one]);
    else some.push(one);
  }
  return openRanges;
}

const sizeOf = ({ letters, elements }: Pile): number =>
  letters.length + elements.reduce((sum, { count }) => sum + count, 0);
