import type { Elements } from '../../../lib/elements.ts';
import {
  type ModuleConstant,
  type ModuleMemory,
  modulePage,
  openModule,
} from '../../../lib/web-assembly.ts';
import { slotCount } from '../../slots.ts';
import { floatSizes, integerSizes } from '../codes.ts';
import { recordStruct } from '../layout.ts';
import { rangeCode } from './range-code.ts';
import { layOut } from './range-tables.ts';

/** What range.as.ts exports. */
interface Exports {
  readonly memory: ModuleMemory;
  readonly integersAt: ModuleConstant;
  readonly floatsAt: ModuleConstant;
  readonly tablesAt: ModuleConstant;
  scanRange(
    root: number,
    input: number,
    places: number,
    count: number,
    slots: number,
    width: number,
    left: number,
  ): number;
}

/** So many records are scanned at a time, of so many bytes together. */
const mostRecords = 2_048;
const mostBytes = 1024 * 1024;
/** Behind the last record. */
const margin = 64;
/** To copy larger records, on average, takes as long as the scan saves. */
const largest = 4_096;
/** Below so many, starting it takes longer. */
const fewest = 32;

/** Scans the usual records of a range where a processor does it best. They are copied into its memory, and their slots back. */
export class RangeScanner {
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #root: number;
  readonly #places: number;
  readonly #left: number;
  readonly #slots: number;
  readonly #input: number;

  constructor(exports: Exports) {
    const { memory, integersAt, floatsAt, tablesAt } = exports;
    this.#exports = exports;
    const { at, end } = layOut(recordStruct, new DataView(memory.buffer), tablesAt.value);
    this.#root = at;
    this.#places = end;
    this.#left = this.#places + 8 * mostRecords;
    this.#slots = this.#left + 4 * mostRecords;
    this.#input = this.#slots + 4 * mostRecords * slotCount;
    const size = this.#input + mostBytes + margin;
    memory.grow(Math.ceil((size - memory.buffer.byteLength) / modulePage));
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#bytes.set(integerSizes, integersAt.value);
    this.#bytes.set(floatSizes, floatsAt.value);
  }

  /** Fills `slots`, a row for each element. Gives the elements that it did not take, whose rows are empty; undefined: all. */
  scan(elements: Elements, slots: Int32Array): readonly number[] | undefined {
    const { count, region } = elements;
    if (count < fewest || region.length > count * largest) return undefined;
    const left: number[] = [];
    for (let first = 0; first < count; ) {
      const next = this.#scanSome(elements, first, slots, left);
      // One that is too large for the memory.
      if (next === first) {
        slots.fill(0, first * slotCount, (first + 1) * slotCount);
        left.push(first);
      }
      first = Math.max(next, first + 1);
    }
    return left;
  }

  /** From the element at `first` on, as many as there is room for; gives the one after them. */
  #scanSome(
    { region, places, count }: Elements,
    first: number,
    slots: Int32Array,
    left: number[],
  ): number {
    const words = this.#words;
    const from = places[2 * first] as number;
    let next = first;
    let to = from;
    for (const last = Math.min(count, first + mostRecords); next < last; next++) {
      const at = places[2 * next] as number;
      const end = at + (places[2 * next + 1] as number);
      if (at < from || end - from > mostBytes) break;
      if (end > to) to = end;
      const place = this.#places / 4 + 2 * (next - first);
      words[place] = at - from;
      words[place + 1] = end - at;
    }
    this.#bytes.set(region.subarray(from, to), this.#input);
    const leftCount = this.#exports.scanRange(
      this.#root,
      this.#input,
      this.#places,
      next - first,
      this.#slots,
      slotCount,
      this.#left,
    );
    const found = this.#slots / 4;
    slots.set(words.subarray(found, found + (next - first) * slotCount), first * slotCount);
    for (let index = 0; index < leftCount; index++)
      left.push(first + (words[this.#left / 4 + index] as number));
    return next;
  }
}

let shared: RangeScanner | undefined;
let isOpened = false;

/** The scanner of this thread; undefined where the runtime cannot run it. */
export function openRangeScanner(): RangeScanner | undefined {
  if (isOpened) return shared;
  isOpened = true;
  // What it exports, its source says.
  shared = openModule(rangeCode, (exports) => new RangeScanner(exports as Exports));
  return shared;
}
