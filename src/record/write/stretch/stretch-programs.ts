import { modulePage } from '../../../lib/web-assembly.ts';
import { type Kind, kinds } from '../kinds.ts';
import { type Program, rowSize } from '../program.ts';
import type { TimeCell } from '../time-cell.ts';
import { payloadSlots } from './payload-gap.ts';
import type { Loading } from './stretch-records.ts';

/** What the module knows of a cell: where its texts are. */
export interface CellLayout {
  readonly before: number;
  readonly after: number;
  readonly size: number;
}

/** A program in the memory. */
export interface LaidProgram {
  readonly at: number;
  readonly loading: Loading;
}

/**
 * To copy larger records takes longer than a document that native code copies their payloads into. To look at each of their bytes takes
 * longer still, so with those that are escaped the bound is the room.
 */
const largest = 10_240;
const largestEscaped = 65_536;
const escaping: readonly Kind[] = [kinds.jsonText, kinds.jsonBase64];

/** What stands before a fraction, or behind it, has so much room. */
const halfRoom = 96;
/** More programs than these hold are forgotten, and laid out anew when they are wanted. */
const mostBytes = 2 * modulePage;
const headSize = 16;
const blockSize = 16;

/** Kinds that stretch.as.ts writes; a program with any other is left to ../run.ts. */
const known: ReadonlySet<Kind> = new Set([
  ...[kinds.jsonText, kinds.csvText, kinds.guardedText],
  ...[kinds.jsonList, kinds.csvList, kinds.guardedList, kinds.jsonNames, kinds.csvNames],
  ...[kinds.integer, kinds.natural, kinds.month, kinds.jsonFloat, kinds.wholeFloat],
  ...[kinds.flag, kinds.time, kinds.nil, kinds.when, kinds.comma, kinds.nothing, kinds.jsonBase64],
]);

/** The programs of a thread as stretch.as.ts reads them, in its memory. */
export class StretchPrograms {
  /** Room for them, from `at` on. */
  static readonly size = mostBytes;
  readonly #view: DataView;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #layout: CellLayout;
  /** False: it cannot be laid out. */
  #laid = new WeakMap<Program, LaidProgram | false>();
  #cells = new Map<number, TimeCell>();
  #end: number;

  constructor(memory: ArrayBuffer, at: number, layout: CellLayout) {
    this.#view = new DataView(memory);
    this.#bytes = Buffer.from(memory);
    this.#start = at;
    this.#layout = layout;
    this.#end = at;
  }

  /** False: it is not for the module. */
  of(program: Program): LaidProgram | false {
    const found = this.#laid.get(program);
    if (found !== undefined) return found;
    const laid = this.#lay(program);
    this.#laid.set(program, laid);
    return laid;
  }

  /** Gives a cell the text of another second; false where there is no room for it. */
  turn(place: number, seconds: number, zone: string): boolean {
    const cell = this.#cells.get(place);
    if (cell === undefined) return false;
    const { before, after } = cell.halves(seconds, zone);
    const [one, other] = [Buffer.from(before), Buffer.from(after)];
    if (one.length > halfRoom || other.length > halfRoom) return false;
    this.#bytes.set(one, place + this.#layout.before);
    this.#bytes.set(other, place + this.#layout.after);
    this.#view.setBigInt64(place, BigInt(seconds), true);
    this.#view.setInt32(place + 12, one.length, true);
    this.#view.setInt32(place + 16, other.length, true);
    return true;
  }

  #lay(program: Program): LaidProgram | false {
    const { rows, words, cells, room, roomPerByte, isMsgpack } = program;
    const count = rows.length / rowSize;
    const kindsOfRows = Array.from({ length: count }, (_, row) => rows[row * rowSize] as Kind);
    const literals = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
    const size =
      headSize + 4 * rows.length + literals.length + cells.length * this.#layout.size + blockSize;
    if (!isMsgpack || size > mostBytes || !kindsOfRows.every((kind) => known.has(kind)))
      return false;
    if (this.#end + size > this.#start + mostBytes) this.#forget();
    const place = this.#end;
    const rowsAt = place + headSize;
    const literalsAt = rowsAt + 4 * rows.length;
    const cellsAt = literalsAt + literals.length;
    this.#put(place, [rowsAt, literalsAt, room, roomPerByte]);
    for (let row = 0; row < count; row++) {
      const [kind = 0, slot = 0, at = 0, length = 0, secondAt = 0, secondLength = 0, last = 0] =
        rows.subarray(row * rowSize, (row + 1) * rowSize);
      // Of a condition the row behind it, of a time its cell.
      const goal = kind === kinds.when ? rowsAt + 4 * last : cellsAt + last * this.#layout.size;
      this.#put(rowsAt + 4 * rowSize * row, [
        ...[kind, slot, literalsAt + 8 * at, length],
        ...[literalsAt + 8 * secondAt, secondLength, goal, 0],
      ]);
    }
    this.#bytes.set(literals, literalsAt);
    cells.forEach((cell, index) => this.#layCell(cell, cellsAt + index * this.#layout.size));
    this.#end = (place + size + blockSize - 1) & -blockSize;
    const ofPayloads = kindsOfRows.filter((_, row) =>
      payloadSlots.includes(rows[row * rowSize + 1] as number),
    );
    const escapes = ofPayloads.some((kind) => escaping.includes(kind));
    return {
      at: place,
      loading: {
        skipsPayloads: ofPayloads.length === 0,
        largest: escapes ? largestEscaped : largest,
      },
    };
  }

  #layCell(cell: TimeCell, place: number): void {
    this.#cells.set(place, cell);
    // No time has this second: its numbers are exact.
    this.#view.setBigInt64(place, -(2n ** 63n), true);
    this.#view.setInt32(place + 8, cell.step, true);
  }

  #forget(): void {
    this.#laid = new WeakMap();
    this.#cells = new Map();
    this.#end = this.#start;
  }

  #put(at: number, numbers: readonly number[]): void {
    numbers.forEach((number, index) => this.#view.setInt32(at + 4 * index, number, true));
  }
}
