import type { Clock } from '../../lib/clock.ts';
import { bytes, millis } from '../../lib/units.ts';
import type { Limits } from '../../pump/limits.ts';
import type { Grants, Rate } from './rate.ts';

/** A batch holds what so many seconds permit, so that the flow is even. */
const evenly = 0.1;
/** A pump whose batches gather for longer wants large ones: then as much as that. */
const longAge = 5000;
const shortestWait = 25;
const longestWait = 200;
/** Redis does not answer. */
const waitWithoutAnswer = millis(500);

export interface ThrottleParts {
  /** Of batches, where there is no rate. */
  readonly limits: Limits;
  readonly grants: Grants;
  readonly clock: Clock;
  /** Attempts may begin again. */
  readonly onOpen: () => void;
  /** A batch has to wait. */
  readonly onWait: () => void;
}

/**
 * Holds a route to its rate. A batch may begin while there is credit, and spends it, also more than there is: the next one
 * waits until that is made up for. Credit is asked for when there is none, so that without a rate nothing is done, and with one
 * a question now and then, not one for each batch.
 *
 * - **open**: there is no rate, or credit.
 * - **closed**: a question is under way, or will be asked at a time.
 */
export class Throttle {
  readonly #parts: ThrottleParts;
  /** Of batches now: the pump's, or what the rate permits if that is less. */
  readonly limits: { -readonly [K in keyof Limits]: Limits[K] };
  #rate: Rate | undefined;
  #records = 0;
  #bytes = 0;
  #isAsking = false;
  #isOver = false;
  #callOff: () => void = () => undefined;

  constructor(parts: ThrottleParts) {
    this.#parts = parts;
    this.limits = { ...parts.limits };
  }

  get isLimited(): boolean {
    return this.#rate !== undefined;
  }

  get isOpen(): boolean {
    if (this.#rate === undefined) return true;
    const { records, bytes: size } = this.#rate;
    return (records === undefined || this.#records > 0) && (size === undefined || this.#bytes > 0);
  }

  /** From now on; what was permitted before is forgotten. */
  set(rate: Rate | undefined): void {
    const isNone = rate?.records === undefined && rate?.bytes === undefined;
    this.#rate = isNone ? undefined : rate;
    this.#records = 0;
    this.#bytes = 0;
    Object.assign(this.limits, this.#limitsNow());
    this.#callOff();
    if (this.#rate === undefined) this.#parts.onOpen();
    else this.#ask();
  }

  /** A batch begins. */
  spend(records: number, size: number): void {
    if (this.#rate === undefined) return;
    this.#records -= records;
    this.#bytes -= size;
    if (this.isOpen) return;
    this.#parts.onWait();
    this.#askLater();
  }

  end(): void {
    this.#isOver = true;
    this.#callOff();
  }

  #limitsNow(): Limits {
    const { limits } = this.#parts;
    if (this.#rate === undefined) return limits;
    const stretch = limits.age >= longAge ? limits.age / 1000 : evenly;
    const { records = Infinity, bytes: size = Infinity } = this.#rate;
    return {
      ...limits,
      records: Math.max(1, Math.min(limits.records, Math.ceil(records * stretch))),
      bytes: bytes(Math.max(1, Math.min(limits.bytes, Math.ceil(size * stretch)))),
    };
  }

  #askLater(): void {
    if (this.#isAsking) return;
    this.#callOff();
    this.#callOff = this.#parts.clock.after(millis(this.#wait), () => this.#ask());
  }

  /** Until there is credit, if nobody else asks for the route. */
  get #wait(): number {
    const { records, bytes: size } = this.#rate ?? {};
    const missing = (rate: number | undefined, credit: number): number =>
      rate === undefined ? 0 : (-credit / rate) * 1000;
    const wait = Math.max(missing(records, this.#records), missing(size, this.#bytes));
    return Math.min(longestWait, Math.max(shortestWait, wait));
  }

  #ask(): void {
    const rate = this.#rate;
    if (this.#isAsking || this.#isOver || rate === undefined) return;
    this.#isAsking = true;
    const wanted = {
      records: rate.records === undefined ? 0 : Math.max(1, this.limits.records - this.#records),
      bytes: rate.bytes === undefined ? 0 : Math.max(1, this.limits.bytes - this.#bytes),
    };
    this.#parts.grants(rate, wanted).then(
      (given) => {
        this.#isAsking = false;
        // Of another rate by now: it was given to nobody.
        if (this.#isOver) return;
        if (this.#rate !== rate) {
          this.#ask();
          return;
        }
        this.#records += given.records;
        this.#bytes += given.bytes;
        if (this.isOpen) this.#parts.onOpen();
        else this.#askLater();
      },
      () => {
        this.#isAsking = false;
        if (!this.#isOver)
          this.#callOff = this.#parts.clock.after(waitWithoutAnswer, () => this.#ask());
      },
    );
  }
}
