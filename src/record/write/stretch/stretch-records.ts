import { modulePage } from '../../../lib/web-assembly.ts';
import { EditedRecord, type EditPlan } from '../../edited-record.ts';
import { MsgpackRecord } from '../../msgpack/record.ts';
import { slotCount } from '../../slots.ts';
import type { Numbered } from './documents.ts';
import { PayloadGap } from './payload-gap.ts';

/** So many records lie in the memory at a time, of so many bytes together. */
export const mostRecords = 2_048;
const mostBytes = 16 * modulePage;
/** Fewer are not worth the way. */
const fewest = 8;
/** What lies between two of them is copied, too, if it is no more than that. */
const largestGap = 1_024;
/** Behind the last one. */
const margin = 64;

/** To copy larger ones, on average, takes longer than to look at a few of their values. */
const usualLargest = 4_096;

export interface Loading {
  /** Nothing looks at the payloads: they are left out. */
  readonly skipsPayloads: boolean;
  /** More bytes of each record than these, on average, are not copied. */
  readonly largest?: number;
}

/** Records of one region, with their slots, in the memory of the module. */
export class StretchRecords {
  static readonly size = 4 * (4 + slotCount) * mostRecords + mostBytes + margin;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #slots: number;
  readonly #input: number;
  readonly #gap = new PayloadGap();
  /** Offsets of the payloads that were left out, where each begins and ends, and 0 twice where none were. */
  readonly #gaps = new Int32Array(2 * mostRecords);
  /** Of each record where it is, its size without what was left out, where its slots are, its index. */
  readonly places: number;

  constructor(memory: ArrayBuffer, at: number) {
    this.#bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
    this.places = at;
    this.#slots = at + 16 * mostRecords;
    this.#input = this.#slots + 4 * slotCount * mostRecords;
  }

  /** Whether those of the last call are in the memory: else they are too few, or too large. */
  areIn = false;

  /**
   * Puts in as many from the one at `from` on as lie in their order in one region, near to each other, have the plan, and are alike to
   * `isAlike`, unless they are larger than `largest` on average. Gives how many they are, 1 at least.
   */
  load<Entry extends Numbered>(
    entries: readonly Entry[],
    from: number,
    plan: EditPlan | undefined,
    isAlike: (entry: Entry) => boolean,
    { skipsPayloads, largest = usualLargest }: Loading,
  ): number {
    const first = originalOf(entries[from], plan);
    this.areIn = false;
    if (first === undefined) return 1;
    const words = this.#words;
    let count = 0;
    let end = first.origin;
    let last = first;
    /** Bytes from the first record on that are left out. */
    let skipped = 0;
    for (const most = Math.min(entries.length - from, mostRecords); count < most; count++) {
      const entry = entries[from + count] as Entry;
      const record = originalOf(entry, plan);
      if (record === undefined || record.slots !== first.slots) break;
      const { origin, size, base } = record;
      const row = base - first.base;
      const between = origin - end;
      if (between < 0 || between > largestGap || base < last.base) break;
      if (row >= mostRecords * slotCount) break;
      const hasGap = skipsPayloads && this.#gap.find(record.slots, base, size);
      const gap = hasGap ? this.#gap.to - this.#gap.from : 0;
      const at = origin - first.origin - skipped;
      if (at + size - gap > mostBytes) break;
      // An index takes 32 bits there.
      if (entry.index !== entry.index >>> 0 || !isAlike(entry)) break;
      const place = this.places / 4 + 4 * count;
      words[place] = this.#input + at;
      words[place + 1] = size - gap;
      words[place + 2] = this.#slots + 4 * row;
      words[place + 3] = entry.index;
      this.#gaps[2 * count] = hasGap ? this.#gap.from : 0;
      this.#gaps[2 * count + 1] = hasGap ? this.#gap.to : 0;
      skipped += gap;
      end = origin + size;
      last = record;
    }
    if (count < fewest || end - first.origin - skipped > largest * count) return Math.max(count, 1);
    const slots = first.slots.subarray(first.base, last.base + slotCount);
    words.set(slots, this.#slots / 4);
    if (skipped === 0) this.#bytes.set(first.region.subarray(first.origin, end), this.#input);
    else this.#copyAround(first, count, end);
    this.areIn = true;
    return count;
  }

  /** Copies what lies before, between and behind the payloads, and corrects the slots of what lies behind them. */
  #copyAround({ region, origin: start }: MsgpackRecord, count: number, end: number): void {
    const words = this.#words;
    let from = start;
    let to = this.#input;
    for (let index = 0; index < count; index++) {
      const gapEnd = this.#gaps[2 * index + 1] as number;
      if (gapEnd === 0) continue;
      const gapStart = this.#gaps[2 * index] as number;
      const place = this.places / 4 + 4 * index;
      const origin = from + (words[place] as number) - to;
      this.#bytes.set(region.subarray(from, origin + gapStart), to);
      to += origin + gapStart - from;
      from = origin + gapEnd;
      const row = (words[place + 2] as number) / 4;
      for (let slot = row; slot < row + slotCount; slot++)
        if ((words[slot] as number) >= gapEnd)
          words[slot] = (words[slot] as number) - gapEnd + gapStart;
    }
    this.#bytes.set(region.subarray(from, end), to);
  }
}

/** The record as it came, if it has this plan; undefined: it is none of MessagePack, or edited in another way. */
function originalOf(
  entry: Numbered | undefined,
  plan: EditPlan | undefined,
): MsgpackRecord | undefined {
  const record = entry?.record;
  if (record instanceof MsgpackRecord) return plan === undefined ? record : undefined;
  if (!(record instanceof EditedRecord) || record.plan !== plan) return undefined;
  return record.original instanceof MsgpackRecord ? record.original : undefined;
}
