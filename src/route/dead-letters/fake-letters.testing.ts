import { recordIdOf } from '../../pump/batch.ts';
import type { Range, SourceList } from '../../purge/lease/lease.ts';
import type { Undecodable } from '../../record/record.ts';
import { aLetter } from '../testing/parts.testing.ts';
import type { DeadLetter } from './letter.ts';
import type { DeadLetters, Stored } from './store.ts';

/** Dead letters in memory. */
export class FakeLetters implements DeadLetters {
  readonly letters = new Map<string, DeadLetter>();
  readonly removed: string[] = [];
  asked: DeadLetter[] = [];
  /** Fails so many calls first. */
  failures = 0;
  /** Which letters Redis does not take; a call with one of them has no effect at all. */
  refuses: (letter: DeadLetter, list: string) => boolean = () => false;
  puts = 0;
  /** How often it was asked whether there are any to try again. */
  looks = 0;

  put(list: SourceList, route: string, letters: readonly DeadLetter[]): Promise<Stored> {
    this.puts += 1;
    if (letters.some((letter) => this.refuses(letter, list.key))) return Promise.reject(aRefusal());
    if (this.failures-- > 0) return Promise.reject(new Error('Redis is away'));
    let stored = 0;
    for (const letter of letters) {
      const key = `${route} ${letter.id}`;
      if (this.letters.has(key)) continue;
      this.letters.set(key, letter);
      stored += 1;
    }
    return Promise.resolve({ stored, dropped: 0 });
  }

  putUndecodable(range: Range, elements: readonly Undecodable[]): Promise<Stored> {
    const made = elements.map(({ index, bytes: raw, reason }) =>
      aLetter({
        id: recordIdOf(range.segment, range.start + index),
        kind: 'undecodable',
        bytes: raw,
        reason,
      }),
    );
    return this.put(range.list, 'undecodable', made);
  }

  remove(list: SourceList, _route: string, ids: readonly string[]): Promise<void> {
    if (this.refuses(aLetter(), list.key)) return Promise.reject(aRefusal());
    this.removed.push(...ids);
    return Promise.resolve();
  }

  replace(_list: SourceList, route: string, letters: readonly DeadLetter[]): Promise<void> {
    for (const letter of letters) this.letters.set(`${route} ${letter.id}`, letter);
    return Promise.resolve();
  }

  mayHaveRetries(): Promise<boolean> {
    this.looks += 1;
    return Promise.resolve(true);
  }

  takeRetries(): Promise<readonly DeadLetter[]> {
    const asked = this.asked;
    this.asked = [];
    return Promise.resolve(asked);
  }
}

/** As ioredis has it. */
function aRefusal(): Error {
  const error = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
  error.name = 'ReplyError';
  return error;
}
