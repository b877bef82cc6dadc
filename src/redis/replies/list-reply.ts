import type { Elements } from '../../lib/elements.ts';
import type { Memory } from '../../lib/region-pool.ts';

/** What an answer to LRANGE turned out to be. */
export type ListOutcome =
  | { readonly kind: 'elements'; readonly elements: Elements }
  /** An error line; it has been read to its end. */
  | { readonly kind: 'refusal'; readonly line: string }
  /** Anything else: where it ends is not known here. */
  | { readonly kind: 'foreign' };

/** What stands around an element: `$1234\r\n` and `\r\n`. */
const frame = 12;
/** Beside all elements: the head, and what the estimate may be wrong by. */
const spare = 1024;
/** Offsets are 32-bit numbers. */
const largestRegion = 1 << 30;

const cr = 0x0d;
const lf = 0x0a;

export interface ListShare {
  /** At most so many elements are its own. */
  readonly own: number;
  /** The most of the whole list, where it begins with this share; undefined for one that goes on with a list. */
  readonly most: number | undefined;
  /** How many elements of the list are still to come, where it goes on with one. */
  readonly left: number;
  /** So many bytes its own have together, about. */
  readonly bytes: number;
}

/**
 * One answer to LRANGE while it comes in, or a share of one: of a long one each who asked for a part gets that in a region
 * of its own. Bytes are written into its region as the socket has them, cut anywhere; the place of an element is noted as
 * soon as it is whole, and nothing is looked at twice but the digits of a length that was cut.
 */
export class ListReply {
  readonly #own: number;
  readonly #most: number | undefined;
  readonly #memory: Memory;
  #region: Buffer;
  /** So much of the region has bytes. */
  #end = 0;
  /** So much of it has been understood. */
  #at = 0;
  /** The element under way ends here, its line end included; 0 while its length is not known. */
  #elementEnd = 0;
  /** Undefined until the head has been read. */
  #places: Int32Array | undefined;
  #count = 0;
  #found = 0;
  #left: number;

  /** The region is of `memory`. */
  constructor({ own, most, left, bytes }: ListShare, memory: Memory) {
    this.#own = own;
    this.#most = most;
    this.#left = left;
    this.#memory = memory;
    if (most === undefined) this.#begin(left);
    const size = Math.ceil(bytes * (1 + 1 / 32)) + own * frame + spare;
    this.#region = memory.take(Math.min(size, largestRegion));
  }

  /** Where the next bytes may be written; never empty. */
  room(): Uint8Array {
    if (this.#end === this.#region.length) this.#grow(this.#end + spare);
    return this.#region.subarray(this.#end);
  }

  /** So many were. */
  wrote(size: number): void {
    this.#end += size;
  }

  /** Bytes that were read elsewhere. */
  put(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#region.length) this.#grow(this.#end + bytes.length);
    this.#region.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Undefined: more has to come. To be asked until it says something else, and not after. */
  outcome(): ListOutcome | undefined {
    if (this.#places === undefined) {
      const early = this.#head();
      if (early !== 'list') return early;
    }
    while (this.#found < this.#count) {
      const whole = this.#element();
      if (whole === undefined) return undefined;
      if (!whole) return foreign;
    }
    return { kind: 'elements', elements: this.#elements() };
  }

  /** Elements of the list that come after its own. */
  get left(): number {
    return this.#left;
  }

  /** What came after the end: the beginning of the next answer, or share. */
  rest(): Uint8Array {
    return this.#region.subarray(this.#at, this.#end);
  }

  /** Whether it is a list, and of how many elements. */
  #head(): 'list' | ListOutcome | undefined {
    if (this.#end === 0) return undefined;
    const kind = this.#region[0];
    if (kind === 0x2d) return this.#refusal();
    if (kind !== 0x2a) return foreign;
    const count = this.#number(1);
    if (count === undefined) return undefined;
    if (count < 0 || count > (this.#most ?? 0)) return foreign;
    this.#begin(count);
    return 'list';
  }

  /** So many elements come; the first of them are its own. */
  #begin(coming: number): void {
    this.#count = Math.min(coming, this.#own);
    this.#left = coming - this.#count;
    this.#places = new Int32Array(2 * this.#count);
  }

  #refusal(): ListOutcome | undefined {
    const end = this.#region.subarray(0, this.#end).indexOf('\r\n');
    if (end < 0) return undefined;
    this.#at = end + 2;
    return { kind: 'refusal', line: this.#region.toString('utf8', 1, end) };
  }

  /** Undefined: it is not whole yet. False: it is none that can be taken. */
  #element(): boolean | undefined {
    if (this.#elementEnd === 0) {
      if (this.#at === this.#end) return undefined;
      if (this.#region[this.#at] !== 0x24) return false;
      const size = this.#number(this.#at + 1);
      if (size === undefined) return undefined;
      if (size < 0) return false;
      const end = this.#at + size + 2;
      if (end > this.#region.length && !this.#grow(end)) return false;
      this.#elementEnd = end;
    }
    const end = this.#elementEnd;
    if (end > this.#end) return undefined;
    if (this.#region[end - 2] !== cr || this.#region[end - 1] !== lf) return false;
    const places = this.#places as Int32Array;
    places[2 * this.#found] = this.#at;
    places[2 * this.#found + 1] = end - 2 - this.#at;
    this.#found++;
    this.#at = end;
    this.#elementEnd = 0;
    return true;
  }

  /** The digits from here to the end of their line, after which reading goes on; −1 where they are none. */
  #number(from: number): number | undefined {
    const region = this.#region;
    const end = this.#end;
    let value = 0;
    let at = from;
    for (; at < end; at++) {
      const digit = (region[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    // More digits than any length has are no number, however many come.
    if (at === from ? at < end : at - from > 10) return -1;
    if (at + 1 >= end) return at < end && region[at] !== cr ? -1 : undefined;
    if (region[at] !== cr || region[at + 1] !== lf) return -1;
    this.#at = at + 2;
    return value;
  }

  #grow(needed: number): boolean {
    if (needed > largestRegion) return false;
    const size = Math.min(Math.max(needed + spare, this.#region.length * 1.5), largestRegion);
    this.#moveTo(this.#memory.take(Math.ceil(size)), this.#end);
    return true;
  }

  /** Where most of the region has remained empty, the elements go without it. */
  #elements(): Elements {
    const places = this.#places as Int32Array;
    // What comes after them is still to be asked for.
    if (this.#region.length > 2 * this.#end + spare)
      this.#moveTo(this.#memory.take(this.#end), this.#end);
    return { region: this.#region, count: this.#count, places };
  }

  #moveTo(region: Buffer, used: number): void {
    region.set(this.#region.subarray(0, used));
    this.#memory.give(this.#region);
    this.#region = region;
  }
}

const foreign: ListOutcome = { kind: 'foreign' };
