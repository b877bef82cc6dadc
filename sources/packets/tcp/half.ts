import type { Tally } from '../../shared/wire/conversation.ts';
import { distance } from '../../shared/wire/sequence.ts';
import { type RecentBytes, remembered } from './recent.ts';

/** Bytes that cannot be handed on yet. */
export interface Held {
  sequence: number;
  bytes: Buffer;
  readonly acknowledged: number | undefined;
  readonly time: number;
}

/**
 * What one side has sent: where it is, what came too early, and the end of what was handed on. Bytes that were there first
 * stay, as most systems have it; what says something else is counted.
 */
export class Half {
  /** The next byte in order; means something where `isOpen`. */
  next = 0;
  isOpen = false;
  /** A packet of it was there. */
  isSeen = false;
  /** Its FIN was handed on. */
  isEnded = false;
  /** Where its FIN stands; undefined: it was not seen. */
  finAt: number | undefined;
  /** How far the other side has confirmed; undefined: it has not. */
  acknowledged: number | undefined;
  /** Since when bytes are missing, in milliseconds; undefined: none are. */
  missingSince: number | undefined;
  /** In order of their sequence numbers, without overlaps. */
  readonly held: Held[] = [];
  heldBytes = 0;
  readonly #tally: Tally;
  readonly #recent: RecentBytes;
  /** Its place among the recent bytes, to compare what comes again; less than 0: none yet. */
  #place = -1;
  #memoryLength = 0;

  constructor(tally: Tally, recent: RecentBytes) {
    this.#tally = tally;
    this.#recent = recent;
  }

  open(next: number): void {
    this.next = next;
    this.isOpen = true;
  }

  /** These bytes were handed on. */
  advance(bytes: Buffer, start: number, end: number): void {
    this.next = (this.next + (end - start)) >>> 0;
    this.#remember(bytes, start, end);
  }

  /** `length` bytes are given up. */
  skip(length: number): void {
    this.next = (this.next + length) >>> 0;
    this.#memoryLength = 0;
  }

  /** How many bytes a sequence number stands before `next`; negative: behind it. */
  back(sequence: number): number {
    // Always from `next`: half of all numbers away is as far ahead as back, and `distance` calls it back from either end.
    return -distance(this.next, sequence);
  }

  /** Compares what of bytes[start … end) stands before `next` with what was handed on. */
  compare(sequence: number, bytes: Buffer, start: number, end: number): void {
    // Of what is remembered, the last byte is the one before `next`, or before the FIN, which has a number too.
    const back = this.back(sequence) - (this.isEnded ? 1 : 0);
    const length = Math.min(back, end - start);
    // One byte before the next is how TCP asks whether anybody is there; it means nothing.
    if (length <= 1 || this.#place < 0) return;
    const skipped = Math.max(0, back - this.#memoryLength);
    if (skipped >= length) return;
    const at = this.#recent.startOf(this.#place);
    const from = at + this.#memoryLength - (back - skipped);
    const until = from + length - skipped;
    const memory = this.#recent.slab(this.#place);
    if (memory.compare(bytes, start + skipped, start + length, from, until) !== 0)
      this.#tally.conflicts++;
  }

  /** Takes what cannot be handed on yet; where something is there already, that stays. */
  hold(sequence: number, bytes: Buffer, acknowledged: number | undefined, time: number): void {
    let from = 0;
    let index = 0;
    while (from < bytes.length && index < this.held.length) {
      const other = this.held[index] as Held;
      const at = (sequence + from) >>> 0;
      const before = distance(at, other.sequence);
      if (before > 0) {
        const piece = bytes.subarray(from, Math.min(bytes.length, from + before));
        this.#insert(index++, { sequence: at, bytes: piece, acknowledged, time });
        from += piece.length;
        continue;
      }
      const covered = Math.min(other.bytes.length + before, bytes.length - from);
      if (covered > 0) {
        const same = other.bytes.compare(bytes, from, from + covered, -before, covered - before);
        if (same !== 0) this.#tally.conflicts++;
        from += covered;
      }
      index++;
    }
    if (from < bytes.length)
      this.#insert(index, {
        ...{ sequence: (sequence + from) >>> 0, bytes: bytes.subarray(from), acknowledged, time },
      });
  }

  /** Takes out the first of what is held. */
  shift(): Held | undefined {
    const first = this.held.shift();
    if (first !== undefined) this.#count(-first.bytes.length);
    return first;
  }

  /** Forgets everything that is held. */
  clear(): void {
    this.#count(-this.heldBytes);
    this.held.length = 0;
    if (this.#place >= 0) this.#recent.give(this.#place);
    this.#place = -1;
    this.#memoryLength = 0;
  }

  #insert(index: number, held: Held): void {
    this.held.splice(index, 0, held);
    this.#count(held.bytes.length);
  }

  #count(bytes: number): void {
    this.heldBytes += bytes;
    this.#tally.held += bytes;
  }

  #remember(bytes: Buffer, start: number, end: number): void {
    if (this.#place < 0) this.#place = this.#recent.take();
    const memory = this.#recent.slab(this.#place);
    const at = this.#recent.startOf(this.#place);
    const length = end - start;
    if (length >= remembered) {
      bytes.copy(memory, at, end - remembered, end);
      this.#memoryLength = remembered;
      return;
    }
    const kept = Math.min(this.#memoryLength, remembered - length);
    memory.copyWithin(at, at + this.#memoryLength - kept, at + this.#memoryLength);
    bytes.copy(memory, at + kept, start, end);
    this.#memoryLength = kept + length;
  }
}
