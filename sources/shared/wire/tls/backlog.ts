import type { Ending, Side, Stretch, Tally } from '../conversation.ts';
import type { Talk } from '../talk.ts';

type Event = (talk: Talk) => void;

/** What a connection has said so far, kept until somebody can read it. Its bytes count in the tally. */
export class Backlog {
  readonly #tally: Tally;
  #events: Event[] = [];
  #bytes = 0;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  get bytes(): number {
    return this.#bytes;
  }

  data(from: Side, stretch: Stretch): void {
    const { bytes, start, end } = stretch;
    const copy = Buffer.from(bytes.subarray(start, end));
    const kept = { ...stretch, bytes: copy, start: 0, end: copy.length };
    this.#events.push((talk) => talk.data(from, kept));
    this.#bytes += copy.length;
    this.#tally.held += copy.length;
  }

  gap(from: Side, length: number, time: number): void {
    this.#events.push((talk) => talk.gap(from, length, time));
  }

  finish(from: Side, time: number): void {
    this.#events.push((talk) => talk.finish(from, time));
  }

  close(ending: Ending, time: number): void {
    this.#events.push((talk) => talk.close(ending, time));
  }

  /** Says it all again, to somebody else, and forgets it. */
  replay(talk: Talk): void {
    const events = this.#events;
    this.drop();
    for (const event of events) event(talk);
  }

  drop(): void {
    this.#tally.held -= this.#bytes;
    this.#bytes = 0;
    this.#events = [];
  }
}
