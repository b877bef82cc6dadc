/**
 * Where rejected records are kept. The route stores a letter before it counts the record as answered, so that no
 * moment exists in which a rejected record is nowhere.
 *
 * Another try on an operator's request: the letter stays where it is and its id is entered among the retries. The
 * route it belongs to takes ids from there (`takeRetries` lends them for a while), delivers the records to its sink
 * alone, under the record id they always had, and only then removes the letter; rejected again, the letter gets the
 * new reason. Killed at any moment, the letter is still there and is taken again when its time has run out.
 * Undecodable elements belong to no route: for them another try means going back to the gateway's list, to be decoded
 * by every route anew (after an upgrade, say), and they get new record ids there. Those that Redis cannot send (`unread`)
 * become letters, and go back, without leaving it.
 */

import type { Clock } from '../../lib/clock.ts';
import { ContractError } from '../../lib/errors.ts';
import type { Mask } from '../../lib/mask.ts';
import { type Bytes, millis } from '../../lib/units.ts';
import type { RecordId } from '../../pump/batch.ts';
import type { Range, SourceList } from '../../purge/lease/lease.ts';
import type { Undecodable } from '../../record/record.ts';
import { mayExist, type RedisClient } from '../../redis/client.ts';
import { retryKey, segmentKey } from '../../redis/keys.ts';
import { runScript, type Script } from '../../redis/script.ts';
import {
  type DeadLetter,
  decodeLetter,
  encodeLetter,
  undecodableLetter,
  undecodableRoute,
  unreadRoute,
} from './letter.ts';
import { letterValues, mostPerCall, packed } from './portions.ts';
import { bytesField, letterKeys } from './scripts/keys.ts';
import { putScript, putUnreadScript } from './scripts/put.ts';
import { removeScript } from './scripts/remove.ts';
import { replaceScript, takeScript } from './scripts/retry.ts';

/** What a `put` did. `dropped`: older letters that went because of the bound. */
export interface Stored {
  readonly stored: number;
  readonly dropped: number;
}

/** Dead letters of all routes. Every call may reject while Redis is away and may be repeated without harm. */
export interface DeadLetters {
  put(list: SourceList, route: string, letters: readonly DeadLetter[]): Promise<Stored>;
  /** One letter for each, whichever route comes first. */
  putUndecodable(range: Range, elements: readonly Undecodable[]): Promise<Stored>;
  /** A retried letter was delivered. */
  remove(list: SourceList, route: string, ids: readonly RecordId[]): Promise<void>;
  /** A retried letter was rejected again. */
  replace(list: SourceList, route: string, letters: readonly DeadLetter[]): Promise<void>;
  /** Whether any list may have letters that an operator wants tried again. */
  mayHaveRetries(lists: readonly SourceList[], route: string): Promise<boolean>;
  /** Letters an operator wants tried again, beside those `held` already, which stay lent. */
  takeRetries(
    list: SourceList,
    route: string,
    held: readonly RecordId[],
  ): Promise<readonly DeadLetter[]>;
}

/** How long retried letters are lent without renewal. */
const retryLease = millis(60_000);
/** Ranges whose undecodable elements this process stored lately, so that the other routes need not ask Redis. */
const rangesRemembered = 1024;

export class RedisDeadLetters implements DeadLetters {
  readonly #client: RedisClient;
  readonly #bound: Bytes;
  readonly #lists: number;
  readonly #clock: Clock;
  readonly #mask: Mask;
  /** By route, by list: bytes held as of the last `put`. */
  readonly #held = new Map<string, Map<string, number>>();
  readonly #storing = new Map<string, Promise<Stored>>();

  constructor(parts: {
    client: RedisClient;
    bound: Bytes;
    lists: number;
    clock: Clock;
    /** For the reasons, which servers write. */
    mask: Mask;
  }) {
    this.#client = parts.client;
    this.#bound = parts.bound;
    this.#lists = Math.max(1, parts.lists);
    this.#clock = parts.clock;
    this.#mask = parts.mask;
  }

  async put(list: SourceList, route: string, letters: readonly DeadLetter[]): Promise<Stored> {
    let stored = 0;
    let dropped = 0;
    for (const args of packed(letters, this.#mask)) {
      const most = this.#allowance(list.key, route);
      const reply = await this.#run(putScript, list, route, [most, ...args]);
      const [more, gone, held] = numbers(reply);
      stored += more ?? 0;
      dropped += gone ?? 0;
      this.#heldOf(route).set(list.key, held ?? 0);
    }
    return { stored, dropped };
  }

  async putUndecodable(range: Range, elements: readonly Undecodable[]): Promise<Stored> {
    const key = `${range.segment}:${range.start}`;
    const earlier = this.#storing.get(key);
    if (earlier !== undefined) {
      await earlier;
      return { stored: 0, dropped: 0 };
    }
    const storing = this.#putElements(range, elements);
    this.#storing.set(key, storing);
    try {
      return await storing;
    } catch (error) {
      this.#storing.delete(key);
      throw error;
    } finally {
      const [oldest] = this.#storing.keys();
      if (this.#storing.size > rangesRemembered && oldest !== undefined)
        this.#storing.delete(oldest);
    }
  }

  async #putElements(range: Range, elements: readonly Undecodable[]): Promise<Stored> {
    const letterOf = (element: Undecodable) => undecodableLetter(range, element, this.#clock.now());
    const read = elements.filter(({ unread }) => unread === undefined);
    let { stored, dropped } = await this.put(range.list, undecodableRoute, read.map(letterOf));
    for (const element of elements) {
      if (element.unread === undefined) continue;
      const { list, segment, start } = range;
      const letter = letterOf(element);
      const reply = await runScript(
        this.#client,
        putUnreadScript,
        [...letterKeys(list.key, unreadRoute), segmentKey(list.key, segment)],
        [
          bytesField(unreadRoute),
          this.#allowance(list.key, unreadRoute),
          letter.id,
          start + element.index,
          encodeLetter({ ...letter, route: unreadRoute })
            .toString()
            .trimEnd(),
        ],
      );
      const [more, gone, held] = numbers(reply);
      stored += more ?? 0;
      dropped += gone ?? 0;
      this.#heldOf(unreadRoute).set(list.key, held ?? 0);
    }
    return { stored, dropped };
  }

  async remove(list: SourceList, route: string, ids: readonly RecordId[]): Promise<void> {
    await this.#run(removeScript, list, route, ['redelivered', ...ids]);
  }

  async replace(list: SourceList, route: string, letters: readonly DeadLetter[]): Promise<void> {
    for (const args of packed(letters, this.#mask))
      await this.#run(replaceScript, list, route, args);
  }

  mayHaveRetries(lists: readonly SourceList[], route: string): Promise<boolean> {
    const keys = lists.map(({ key }) => retryKey(key, route));
    return mayExist(this.#client, keys);
  }

  async takeRetries(
    list: SourceList,
    route: string,
    held: readonly RecordId[],
  ): Promise<readonly DeadLetter[]> {
    const reply = await this.#run(takeScript, list, route, [mostPerCall, retryLease, ...held]);
    const ids = texts(reply);
    if (ids.length === 0) return [];
    const values = await letterValues(this.#client, { list: list.key, route, ids });
    const letters: DeadLetter[] = [];
    const broken: RecordId[] = [];
    for (const [index, value] of values.entries()) {
      const letter = value === null ? undefined : decodeLetter(value);
      if (letter !== undefined) letters.push(letter);
      // Purged in the meantime, or not written by us: no retry will ever answer for it.
      else if (value === null) broken.push(ids[index] as RecordId);
    }
    if (broken.length > 0) await this.remove(list, route, broken);
    return letters;
  }

  #run(
    script: Script,
    list: SourceList,
    route: string,
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    return runScript(this.#client, script, letterKeys(list.key, route), [
      bytesField(route),
      ...args,
    ]);
  }

  /**
   * The bound is per route, but a script sees one list (one cluster slot). So a list may use what the others leave,
   * and at least its equal share: never more than twice the bound in all, and no list is shut out by another.
   */
  #allowance(list: string, route: string): number {
    let others = 0;
    for (const [key, held] of this.#heldOf(route)) if (key !== list) others += held;
    return Math.max(this.#bound - others, Math.floor(this.#bound / this.#lists));
  }

  #heldOf(route: string): Map<string, number> {
    const known = this.#held.get(route);
    if (known !== undefined) return known;
    const held = new Map<string, number>();
    this.#held.set(route, held);
    return held;
  }
}

/** Where Redis takes no scripts (at-most-once), nothing can be kept: every letter counts as dropped. */
export const discardedLetters: DeadLetters = {
  put: (_list, _route, letters) => Promise.resolve({ stored: 0, dropped: letters.length }),
  putUndecodable: (_range, elements) => Promise.resolve({ stored: 0, dropped: elements.length }),
  remove: () => Promise.resolve(),
  replace: () => Promise.resolve(),
  mayHaveRetries: () => Promise.resolve(false),
  takeRetries: () => Promise.resolve([]),
};

function numbers(reply: unknown): readonly number[] {
  if (Array.isArray(reply)) return reply.map(Number);
  throw new ContractError('a script answers with a list');
}

function texts(reply: unknown): readonly string[] {
  if (Array.isArray(reply)) return reply.map(String);
  throw new ContractError('a script answers with a list');
}
