import type { LeakWatch } from '../edit/leak-watch.ts';
import type { Treatment } from '../edit/treatment.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { isAborted, onAbort, sharedAbort } from '../lib/waiting.ts';
import type { Chunks, Leases, ReadRange } from '../purge/lease/lease.ts';
import type { Answers } from './answers.ts';
import type { Courier } from './courier.ts';
import type { RouteEvents } from './events/route-events.ts';
import type { Filter } from './filter.ts';
import type { Holdings } from './holdings.ts';
import { Item, type OpenRange } from './item.ts';
import { isBornBefore, type MaxAge } from './max-age.ts';
import { ReadAhead } from './read-ahead.ts';
import type { BatchTracer } from './tracing/batch-tracer.ts';

export interface ReaderParts {
  readonly leases: Leases;
  readonly chunks: Chunks;
  readonly answers: Answers;
  readonly holdings: Holdings;
  readonly courier: Courier;
  readonly events: RouteEvents;
  readonly filter: Filter | undefined;
  /** Undefined: no record is too old. */
  readonly maxAge: MaxAge | undefined;
  readonly weigh: Treatment['weigh'];
  readonly edit: Treatment['edit'];
  readonly editIn: Treatment['editIn'];
  /** Undefined: nobody wants to know what leaves. */
  readonly leaks: LeakWatch | undefined;
  /** The sink reads nothing of a batch that it has answered: the memory of its records may be used again. */
  readonly mayReuse: boolean;
  readonly tracer: BatchTracer | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * So many leases are asked for at once where this route has handed on few since it last asked: more would keep ranges
 * from the other instances without making this one faster.
 */
const fewLeases = 16;

/**
 * Leases ranges as room allows, reads, filters and edits them, and hands what is left to the courier. Three steps that run
 * side by side, for each of them may have to wait for Redis, which may be far away:
 *
 * - **leasing** goes on as long as there is room for what is leased, by its estimated bytes;
 * - **reading** asks for several ranges at a time, across the borders of what was leased together (read-ahead.ts);
 * - **handing on** takes them in the order in which they were leased. One that has vanished is handed on once it is known
 *   whose it is, and nothing waits for that.
 *
 * The first step that fails ends the others. Whatever is leased and not handed on then is given back by the route.
 */
export class Reader {
  readonly #parts: ReaderParts;
  /** Ranges handed on since leases were last asked for. */
  #handedOn = 0;
  /** Questions whose the vanished ranges are. */
  readonly #asking = new Set<Promise<void>>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    // Every range that is asked for listens.
    const ending = sharedAbort();
    const forget = onAbort(signal, () => ending.abort(signal.reason));
    const ahead = new ReadAhead(this.#parts, ending.signal);
    const orEndAll = async (step: Promise<void>): Promise<void> => {
      try {
        await step;
      } catch (error) {
        ending.abort(error);
      }
    };
    try {
      await Promise.all([
        orEndAll(this.#lease(ahead, ending.signal)),
        orEndAll(this.#handOn(ahead, { ending, signal: ending.signal })),
      ]);
      await Promise.all(this.#asking);
      if (!isAborted(signal)) ending.signal.throwIfAborted();
    } finally {
      forget();
      this.#parts.courier.inputIs('ended');
    }
  }

  async #lease(ahead: ReadAhead, signal: AbortSignal): Promise<void> {
    const { leases, holdings, courier } = this.#parts;
    for (;;) {
      await holdings.untilRoom(signal);
      if (isAborted(signal)) return;
      // Twice what was handed on meanwhile: as fast as this route is, however long leasing takes.
      const most = Math.max(fewLeases, 2 * this.#handedOn);
      this.#handedOn = 0;
      // Admitted even when the signal has aborted meanwhile: they are ours until given back.
      const openRanges = holdings.admit(await leases.take(Math.min(holdings.room, most), signal));
      if (isAborted(signal)) return;
      courier.inputIs('flowing');
      ahead.add(openRanges);
    }
  }

  async #handOn(
    ahead: ReadAhead,
    { ending, signal }: { ending: AbortController; signal: AbortSignal },
  ): Promise<void> {
    const { courier } = this.#parts;
    while (!isAborted(signal)) {
      this.#handWhatArrived(ahead, ending);
      if (ahead.isEmpty) courier.inputIs('resting');
      await ahead.arrival();
    }
  }

  #handWhatArrived(ahead: ReadAhead, ending: AbortController): void {
    for (let next = ahead.next(); next !== undefined; next = ahead.next()) {
      this.#handedOn += 1;
      const [openRange, read] = next;
      if (read.vanished === 0) this.#hand(openRange, read);
      else this.#ask(openRange, read, ending);
    }
  }

  /** Hands a range with records that are gone on if it is still ours. */
  #ask(openRange: OpenRange, read: ReadRange, ending: AbortController): void {
    const { signal } = ending;
    const asking = this.#parts.leases
      .isHeld(openRange.lease, signal)
      .then((isHeld) => {
        if (isAborted(signal)) return;
        if (isHeld) this.#hand(openRange, read);
        else this.#forget(openRange);
      })
      .catch((error: unknown) => ending.abort(error))
      .finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
  }

  #hand(openRange: OpenRange, read: ReadRange): void {
    const { answers, holdings, courier, events, tracer } = this.#parts;
    const { range } = openRange.lease;
    if (read.vanished > 0) events.vanished(read.vanished, range.list.key);
    const { undecodable } = read.chunk;
    tracer?.arrived(openRange);
    const { items, bytes, filtered, stale } = this.#select(openRange, read);
    tracer?.edited(openRange);
    if (stale > 0) events.stale(stale);
    holdings.wasRead(openRange, {
      records: items.length + undecodable.length,
      bytes: undecodable.reduce((sum, element) => sum + element.bytes.length, bytes),
      filtered: filtered + stale,
      stale,
      vanished: read.vanished,
      letGo: this.#parts.mayReuse ? read.letGo : undefined,
    });
    if (undecodable.length > 0) answers.undecodable(openRange, undecodable);
    courier.add(items, bytes);
  }

  /** The lease ran out (a process that stood still), and others have delivered the range: nothing is lost. */
  #forget(openRange: OpenRange): void {
    const { holdings, log } = this.#parts;
    const { id, range } = openRange.lease;
    log.debug(
      { list: range.list.key, entry: id, records: range.count },
      'A range was answered for by another instance before it was read here.',
    );
    holdings.forget(openRange);
  }

  #select(
    openRange: OpenRange,
    { chunk, memo }: ReadRange,
  ): {
    readonly items: readonly Item[];
    readonly bytes: number;
    readonly filtered: number;
    readonly stale: number;
  } {
    const oldest = this.#parts.maxAge?.bornBefore(openRange);
    const { filter, weigh, edit, leaks } = this.#parts;
    const editIn = memo && this.#parts.editIn(memo);
    const { segment, start } = openRange.lease.range;
    const items: Item[] = [];
    let bytes = 0;
    let filtered = 0;
    let stale = 0;
    for (let index = 0; index < chunk.size; index++) {
      const record = chunk.record(index);
      if (record === undefined) continue;
      if (filter !== undefined && !filter(record)) {
        filtered += 1;
        continue;
      }
      if (oldest !== undefined && isBornBefore(oldest, record, openRange)) {
        stale += 1;
        continue;
      }
      const weight = weigh?.(record, segment, start + index);
      if (weight === 0) {
        filtered += 1;
        continue;
      }
      const edited = editIn?.(record, index) ?? edit?.(record, weight) ?? record;
      const { size } = edited;
      bytes += size;
      items.push(new Item(openRange, segment, start + index, edited, size));
    }
    leaks?.look(items);
    return { items, bytes, filtered, stale };
  }
}
