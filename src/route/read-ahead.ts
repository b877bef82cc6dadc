import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { type Millis, millis } from '../lib/units.ts';
import { onAbort } from '../lib/waiting.ts';
import type { Chunks, ReadRange } from '../purge/lease/lease.ts';
import type { OpenRange } from './item.ts';

/** So many ranges are asked for at once even where none has arrived of late. */
const few = 2;
/**
 * More bytes under way would fill memory and nobody's time: 160 MB a second over a round trip of 50 ms. How many of them
 * Redis is asked for by now is for list-connection.ts to say.
 */
const mostBytes = 8 * 1024 * 1024;
/** No more is asked for than arrived in twice this time: over a slow link answers must not queue up behind each other. */
const interval = 100;
interface Reading {
  readonly openRange: OpenRange;
  /** Undefined until it has arrived. */
  read: ReadRange | undefined;
}

/**
 * Leased ranges on their way to the route: asked for ahead, several at a time, and handed out in the order in which they
 * were added. What is here counts in the holdings with its estimated bytes, so its number needs no bound of its own.
 */
export class ReadAhead {
  readonly #parts: { readonly chunks: Chunks; readonly clock: Clock };
  readonly #bell: Bell;
  /** Ends every reading. */
  readonly #signal: AbortSignal;
  #waiting: OpenRange[] = [];
  #readings: Reading[] = [];
  #failure: { readonly error: unknown } | undefined;
  /** Asked for and not arrived. */
  #underWay = { ranges: 0, bytes: 0 };
  #arrived = { bytes: 0, since: millis(0) };
  #window = 0;

  constructor(parts: { chunks: Chunks; clock: Clock }, signal: AbortSignal) {
    this.#parts = parts;
    this.#bell = new Bell(parts.clock);
    this.#signal = signal;
    this.#arrived.since = parts.clock.elapsed();
    onAbort(signal, () => this.#bell.ring());
  }

  get isEmpty(): boolean {
    return this.#waiting.length + this.#readings.length === 0;
  }

  add(openRanges: readonly OpenRange[]): void {
    this.#waiting.push(...openRanges);
    this.#ask();
    this.#bell.ring();
  }

  /** The next one, where it has arrived. */
  next(): readonly [OpenRange, ReadRange] | undefined {
    const [first] = this.#readings;
    if (first?.read === undefined) return undefined;
    this.#readings.shift();
    return [first.openRange, first.read];
  }

  /** Resolves when there may be a next one, or at the signal. Rejects when reading does. */
  async arrival(): Promise<void> {
    await this.#bell.rung();
    if (this.#failure !== undefined && !this.#signal.aborted) throw this.#failure.error;
  }

  #ask(): void {
    while (this.#hasRoom) {
      const openRange = this.#waiting.shift();
      if (openRange === undefined) return;
      const { range } = openRange.lease;
      this.#underWay.ranges += 1;
      this.#underWay.bytes += range.bytes;
      const reading: Reading = { openRange, read: undefined };
      this.#readings.push(reading);
      this.#parts.chunks.read(range, this.#signal).then(
        (read) => {
          reading.read = read;
          this.#cameIn(range.bytes);
        },
        (error: unknown) => {
          this.#failure ??= { error };
          this.#bell.ring();
        },
      );
    }
  }

  get #hasRoom(): boolean {
    const { ranges, bytes } = this.#underWay;
    return ranges < few || bytes < this.#window;
  }

  #cameIn(bytes: number): void {
    this.#underWay.ranges -= 1;
    this.#underWay.bytes -= bytes;
    this.#arrived.bytes += bytes;
    this.#learn(this.#parts.clock.elapsed());
    this.#ask();
    this.#bell.ring();
  }

  #learn(now: Millis): void {
    const passed = now - this.#arrived.since;
    if (passed < interval) return;
    this.#window = Math.min(mostBytes, (this.#arrived.bytes / passed) * interval * 2);
    this.#arrived = { bytes: 0, since: now };
  }
}
