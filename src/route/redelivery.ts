import type { Treatment } from '../edit/treatment.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { millis } from '../lib/units.ts';
import { isAborted, pause } from '../lib/waiting.ts';
import { identityOf } from '../pump/batch.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import type { Answers } from './answers.ts';
import type { Courier } from './courier.ts';
import type { DeadLetter } from './dead-letters/letter.ts';
import type { DeadLetters } from './dead-letters/store.ts';
import type { Holdings } from './holdings.ts';
import { bytesOf, Item, weightOf } from './item.ts';

/** How soon an operator sees a retry happen; also renews what is lent, so far below the time of lending. */
const lookEvery = millis(5000);

export interface RedeliveryParts {
  readonly route: string;
  readonly lists: readonly SourceList[];
  readonly letters: DeadLetters;
  readonly holdings: Holdings;
  readonly courier: Courier;
  readonly answers: Answers;
  readonly edit: Treatment['edit'];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Takes dead letters that an operator wants tried again (dead-letters/store.ts) and hands them to the courier among the
 * other records. They passed the filter once and are not asked again.
 */
export class Redelivery {
  readonly #parts: RedeliveryParts;

  constructor(parts: RedeliveryParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, letters, lists, log, route } = this.#parts;
    // Another thread looks, or nobody is to.
    if (lists.length === 0) return;
    while (!isAborted(signal)) {
      // The connection reports outages; the next look repeats it.
      const failed = (error: unknown): void =>
        log.debug({ error: explain(error) }, 'Retried dead letters could not be read.');
      try {
        if (await letters.mayHaveRetries(lists, route))
          // What is refused for one list must not be missed by the others.
          for (const list of lists) if (!isAborted(signal)) await this.#look(list).catch(failed);
      } catch (error) {
        failed(error);
      }
      await pause(clock, lookEvery, signal);
    }
  }

  async #look(list: SourceList): Promise<void> {
    const { letters, route, holdings, courier, answers, clock } = this.#parts;
    const held = answers.retriedOf(list);
    if (holdings.room === 0 && held.size === 0) return;
    const items: Item[] = [];
    const unreadable: DeadLetter[] = [];
    for (const letter of await letters.takeRetries(list, route, [...held])) {
      if (held.has(letter.id)) continue;
      const item = this.#itemOf(list, letter);
      if (item === undefined)
        unreadable.push({ ...letter, kind: 'undecodable', lastAt: clock.now() });
      else items.push(item);
    }
    if (unreadable.length > 0) await letters.replace(list, route, unreadable);
    if (items.length === 0) return;
    for (const { id } of items) held.add(id);
    holdings.hold(weightOf(items));
    courier.add(items, bytesOf(items));
  }

  #itemOf(list: SourceList, letter: DeadLetter): Item | undefined {
    const { edit } = this.#parts;
    const record = list.decoder.decode([letter.bytes]).record(0);
    const identity = identityOf(letter.id);
    if (record === undefined || identity === undefined) return undefined;
    const origin = { kind: 'letter', list, letter } as const;
    const edited = edit === undefined ? record : edit(record);
    const { segment, index } = identity;
    const item = new Item(origin, segment, index, edited, letter.bytes.length);
    item.first = { at: letter.firstAt };
    return item;
  }
}
