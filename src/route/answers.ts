import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { RecordId } from '../pump/batch.ts';
import type { Failure } from '../pump/verdict.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import type { Undecodable } from '../record/record.ts';
import { isRefusal, untilItSucceeds } from '../redis/retrying.ts';
import type { DeadLetter } from './dead-letters/letter.ts';
import type { DeadLetters } from './dead-letters/store.ts';
import type { UnstoredLetter, UnstoredLetters } from './dead-letters/unstored.ts';
import type { RouteEvents } from './events/route-events.ts';
import type { Holdings } from './holdings.ts';
import { bytesOf, type Item, type OpenRange, recordCost } from './item.ts';
import type { Rejected } from './judge.ts';

interface AnswersParts {
  readonly route: string;
  readonly holdings: Holdings;
  readonly letters: DeadLetters;
  /** Takes those that Redis refuses. */
  readonly unstored: UnstoredLetters;
  readonly events: RouteEvents;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends waiting for Redis; what is unanswered then stays so. */
  readonly abandon: AbortSignal;
  /** Something was stored, or will not be any more. */
  onChange(): void;
  /** One of our own promises was broken: the route cannot go on. */
  onFailure(error: unknown): void;
}

/**
 * Acts on final verdicts. Delivered: that is booked in the route's holdings. Rejected: the dead letters are stored, then
 * that is booked; what waits for it holds bytes but no place among the batches under way. What Redis refuses to store is put
 * aside (dead-letters/unstored.ts), and nothing waits for it.
 */
export class Answers {
  readonly #parts: AnswersParts;
  readonly #storing = new Set<Promise<void>>();
  /** Of these: repeated because Redis refuses. */
  #refused = 0;
  /** Retried dead letters under way, by list. */
  readonly #retried = new Map<SourceList, Set<RecordId>>();

  constructor(parts: AnswersParts) {
    this.#parts = parts;
  }

  /** Storing under way that a stop has to wait for: not what Redis has refused before. */
  get pending(): number {
    return this.#storing.size - this.#refused;
  }

  /** Records that are rejected, and not answered for because Redis refuses their letters. */
  get unstored(): { readonly records: number; readonly reason: string } | undefined {
    return this.#parts.unstored.state;
  }

  retriedOf(list: SourceList): Set<RecordId> {
    const known = this.#retried.get(list);
    if (known !== undefined) return known;
    const ids = new Set<RecordId>();
    this.#retried.set(list, ids);
    return ids;
  }

  /** `bytes`: of these items. */
  delivered(items: readonly Item[], bytes: number): void {
    if (items.length === 0) return;
    // While their bytes are surely theirs: a range that is answered for is let go.
    this.#parts.events.aged(items);
    const letters = this.#answer(items, 'delivered', bytes);
    this.#parts.events.delivered(items.length - letters.length);
    if (letters.length === 0) return;
    this.#parts.events.redelivered(letters.length);
    const { letters: store, route } = this.#parts;
    for (const [list, some] of byList(letters)) {
      const ids = some.map(({ id }) => id);
      this.#store(
        () => store.remove(list, route, ids),
        () => this.#endRetries(list, some),
      );
    }
  }

  /** Too old when they were to be sent. Records of ranges alone. */
  stale(items: readonly Item[]): void {
    this.#parts.events.stale(items.length);
    this.#answer(items, 'stale', bytesOf(items));
  }

  /** Elements of a range that are no record: before the range can be settled they must be safe. */
  undecodable(openRange: OpenRange, elements: readonly Undecodable[]): void {
    const { letters, holdings, events, unstored } = this.#parts;
    const { list, lease } = openRange;
    const count = elements.length;
    const bytes = elements.reduce((sum, element) => sum + element.bytes.length, 0);
    this.#storeOnce(
      () => letters.putUndecodable(lease.range, elements),
      (stored) => {
        events.undecodable(count, elements[0]?.reason ?? '', stored);
        holdings.answer(openRange, count, 'rejected');
        holdings.free(bytes + count * recordCost);
      },
      (refusal) => {
        holdings.free(bytes);
        unstored.add(list, { elements: [{ openRange, count }] }, refusal);
      },
    );
  }

  rejected(rejected: readonly Rejected[]): void {
    const byOrigin = new Map<SourceList, { first: Rejected[]; again: Rejected[] }>();
    for (const one of rejected) {
      const { list, kind } = one.item.origin;
      const groups = byOrigin.get(list) ?? { first: [], again: [] };
      byOrigin.set(list, groups);
      groups[kind === 'range' ? 'first' : 'again'].push(one);
    }
    for (const [list, { first, again }] of byOrigin) {
      if (first.length > 0) this.#storeLetters(list, first);
      if (again.length > 0) this.#replaceLetters(list, again);
    }
  }

  #storeLetters(list: SourceList, rejected: readonly Rejected[]): void {
    const { letters, route, events } = this.#parts;
    const made = this.#lettersOf(rejected);
    this.#storeOnce(
      () => letters.put(list, route, made),
      (stored) => {
        events.lettersStored(stored);
        for (const { failure, records } of countByReason(rejected))
          events.rejected(records, failure);
        const items = rejected.map(({ item }) => item);
        this.#answer(items, 'rejected', bytesOf(items));
      },
      (refusal) => this.#setAside(list, { rejected, made }, refusal),
    );
  }

  #setAside(
    list: SourceList,
    { rejected, made }: { rejected: readonly Rejected[]; made: readonly DeadLetter[] },
    refusal: Error,
  ): void {
    const letters = rejected.flatMap(({ item, failure }, at): readonly UnstoredLetter[] => {
      const letter = made[at];
      if (letter === undefined || item.origin.kind !== 'range') return [];
      const index = item.index - item.origin.lease.range.start;
      return [{ openRange: item.origin, index, letter: { ...letter, bytes: noBytes }, failure }];
    });
    this.#parts.holdings.free(bytesOf(rejected.map(({ item }) => item)));
    this.#parts.unstored.add(list, { letters }, refusal);
  }

  #replaceLetters(list: SourceList, rejected: readonly Rejected[]): void {
    const { letters, route } = this.#parts;
    const made = this.#lettersOf(rejected);
    this.#store(
      () => letters.replace(list, route, made),
      () => {
        const items = rejected.map(({ item }) => item);
        this.#answer(items, 'rejected', bytesOf(items));
        this.#endRetries(list, items);
      },
    );
  }

  /** Books it in the holdings, one call for each run of records of the same range. Returns those that are no range's. */
  #answer(
    items: readonly Item[],
    outcome: 'delivered' | 'rejected' | 'stale',
    bytes: number,
  ): readonly Item[] {
    const { holdings } = this.#parts;
    const letters: Item[] = [];
    for (let start = 0, end = 0; start < items.length; start = end) {
      const origin = items[start]?.origin;
      while (end < items.length && items[end]?.origin === origin) end += 1;
      if (origin?.kind === 'range') holdings.answer(origin, end - start, outcome);
      else letters.push(...items.slice(start, end));
    }
    holdings.free(bytes + items.length * recordCost);
    return letters;
  }

  #endRetries(list: SourceList, items: readonly Item[]): void {
    const ids = this.retriedOf(list);
    for (const { id } of items) ids.delete(id);
  }

  #lettersOf(rejected: readonly Rejected[]): readonly DeadLetter[] {
    const lastAt = this.#parts.clock.now();
    return rejected.map(({ item, failure }) => ({
      id: item.id,
      list: item.origin.list.key,
      route: this.#parts.route,
      kind: failure.kind,
      reason: failure.message,
      attempts: item.attempts + (item.origin.kind === 'letter' ? item.origin.letter.attempts : 0),
      firstAt: item.first?.at ?? lastAt,
      lastAt,
      encoding: item.record.encoding,
      bytes: item.record.bytes,
    }));
  }

  /** As `#store`, but a refusal of Redis is an answer too. */
  #storeOnce<T>(
    write: () => Promise<T>,
    then: (result: T) => void,
    refused: (refusal: Error) => void,
  ): void {
    const written = async () => {
      try {
        return { value: await write() };
      } catch (error) {
        if (isRefusal(error)) return { refusal: error };
        throw error;
      }
    };
    this.#keep(this.#written(written), (result) => {
      if ('value' in result) then(result.value);
      else refused(result.refusal);
    });
  }

  /** Writes to Redis until it succeeds, then acts on it. Only the writing is repeated. */
  #store<T>(write: () => Promise<T>, then: (result: T) => void): void {
    let isRefused = false;
    const noted = async (): Promise<T> => {
      try {
        return await write();
      } catch (error) {
        if (isRefusal(error) && !isRefused) {
          isRefused = true;
          this.#refused += 1;
          this.#parts.onChange();
        }
        throw error;
      }
    };
    const written = this.#written(noted).finally(() => {
      if (isRefused) this.#refused -= 1;
    });
    this.#keep(written, then);
  }

  #keep<T>(written: Promise<{ readonly value: T } | undefined>, then: (result: T) => void): void {
    const storing = written
      .then((result) => {
        if (result !== undefined) then(result.value);
      })
      .catch((error: unknown) => this.#parts.onFailure(error))
      .finally(() => {
        this.#storing.delete(storing);
        this.#parts.onChange();
      });
    this.#storing.add(storing);
  }

  async #written<T>(write: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    const { abandon } = this.#parts;
    try {
      return { value: await untilItSucceeds(write, this.#parts, abandon) };
    } catch (error) {
      if (abandon.aborted) return undefined;
      throw error;
    }
  }
}

const noBytes = new Uint8Array();

function byList(items: readonly Item[]): Map<SourceList, Item[]> {
  const lists = new Map<SourceList, Item[]>();
  for (const item of items) {
    const some = lists.get(item.origin.list);
    if (some === undefined) lists.set(item.origin.list, [item]);
    else some.push(item);
  }
  return lists;
}

/** With the first reason of each kind: one line for a batch, not one for each record. */
function countByReason(
  rejected: readonly Rejected[],
): Iterable<{ readonly failure: Failure; readonly records: number }> {
  const counts = new Map<string, { failure: Failure; records: number }>();
  for (const { failure } of rejected) {
    const reason = `${failure.kind} ${failure.message}`;
    const known = counts.get(reason);
    if (known === undefined) counts.set(reason, { failure, records: 1 });
    else known.records += 1;
  }
  return counts.values();
}
