import {
  type ModuleConstant,
  type ModuleMemory,
  modulePage,
  openModule,
} from '../../../lib/web-assembly.ts';
import { classes } from '../base64-letters.ts';
import { groupTables } from './groups.ts';
import { scannerCode } from './scanner-code.ts';
import { confirm, type Found, type Sight } from './sight.ts';
import { lists, nexts, pairs, rowsOf } from './triggers.ts';

/** What scanner.as.ts exports. */
interface Exports {
  readonly memory: ModuleMemory;
  readonly groupsAt: ModuleConstant;
  readonly kindsAt: ModuleConstant;
  readonly classesAt: ModuleConstant;
  readonly sixesAt: ModuleConstant;
  readonly pairsAt: ModuleConstant;
  readonly listsAt: ModuleConstant;
  readonly nextsAt: ModuleConstant;
  readonly answerAt: ModuleConstant;
  readonly foundAt: ModuleConstant;
  readonly mostFound: ModuleConstant;
  readonly textsAt: ModuleConstant;
  look(from: number, size: number): void;
  decode(from: number, size: number): number;
}

/** Larger records are looked over in plain words. */
const mostMemory = 256 * modulePage;
/** Behind each text: the scanner reads and writes 16 bytes at a time. */
const margin = 64;
/** Room for the small fields, and for texts that are decoded within others. */
const spare = 2 * modulePage;
/** Candidates more than these are not worth a look one by one. */
const mostWindows = 16;
/** What a trigger's word may need before and behind its three letters. */
const [windowBefore, windowBehind] = [32, 48];

/**
 * The scanner with its memory, in which the texts of one record lie at a time. What it gives as bytes lies there too: it is
 * right until the next record begins.
 */
export class Scanner {
  readonly #exports: Exports;
  readonly #answer: number;
  readonly #foundAt: number;
  readonly #mostFound: number;
  readonly #textsAt: number;
  #bytes: Buffer;
  #words: Int32Array;
  #view: DataView;
  /** Where the next text may lie. */
  #free: number;
  /** The text of the last look. */
  #lastAt = 0;
  #lastSize = 0;

  constructor(exports: Exports) {
    this.#exports = exports;
    this.#answer = exports.answerAt.value >> 2;
    this.#foundAt = exports.foundAt.value >> 2;
    this.#mostFound = exports.mostFound.value;
    this.#textsAt = exports.textsAt.value;
    this.#free = this.#textsAt;
    this.#bytes = Buffer.from(exports.memory.buffer);
    this.#words = new Int32Array(exports.memory.buffer);
    this.#view = new DataView(exports.memory.buffer);
    this.#bytes.set(groupTables(), exports.groupsAt.value);
    this.#bytes.set(kindTables(), exports.kindsAt.value);
    this.#bytes.set(classes, exports.classesAt.value);
    this.#bytes.set(sixes(), exports.sixesAt.value);
    this.#bytes.set(pairs, exports.pairsAt.value);
    this.#bytes.set(lists, exports.listsAt.value);
    this.#words.set(nexts, exports.nextsAt.value >> 2);
  }

  /** Forgets the texts before. `size`: of the payloads that will come. */
  begin(size: number): void {
    this.#free = this.#textsAt;
    this.#lastSize = 0;
    const wanted = Math.min(this.#textsAt + 2 * size + spare, mostMemory);
    if (wanted <= this.#bytes.length) return;
    this.#exports.memory.grow(Math.ceil((wanted - this.#bytes.length) / modulePage));
    this.#bytes = Buffer.from(this.#exports.memory.buffer);
    this.#words = new Int32Array(this.#exports.memory.buffer);
    this.#view = new DataView(this.#exports.memory.buffer);
  }

  /** All of its memory. */
  get view(): DataView {
    return this.#view;
  }

  /** What source[start … end) holds in base64; undefined where it is not all of it of the common alphabet, or too large. */
  decode(source: Buffer, start: number, end: number): Buffer | undefined {
    const at = this.#free;
    if (!this.#hasRoom(end - start)) return undefined;
    source.copy(this.#bytes, at, start, end);
    this.#lastSize = 0;
    const size = this.#exports.decode(at, end - start);
    if (size < 0) return undefined;
    this.#free = (at + size + margin) & -16;
    return this.#bytes.subarray(at, at + size);
  }

  /** Memory for `size` bytes that will be looked over next; undefined where there is no room for them. */
  room(size: number): Buffer | undefined {
    if (!this.#hasRoom(size)) return undefined;
    this.#lastSize = 0;
    return this.#bytes.subarray(this.#free, this.#free + size);
  }

  /** The bytes of a text in Latin-1, as `room` gives them. */
  bytesOf(text: string): Buffer | undefined {
    const room = this.room(text.length);
    room?.write(text, 0, 'latin1');
    return room;
  }

  /** Undefined where there is no room, or more to tell than is looked up one by one. */
  sight(bytes: Buffer, text: string): Sight | undefined {
    if (!this.#look(bytes, 0, bytes.length)) return undefined;
    const count = this.#words[this.#answer] as number;
    const runFrom = this.#words[this.#answer + 1] as number;
    if (count === 0) return { places: none, runFrom };
    const found: Found = { places: undefined };
    for (let index = 0; index < count; index++) {
      const each = this.#words[this.#foundAt + index] as number;
      confirm(text, each >>> 8, each & 0xff, found);
    }
    return { places: found.places ?? none, runFrom };
  }

  /** Whether nothing begins in these bytes: no word of a secret, no token, no base64, and no sign of another encoding. */
  isQuiet(bytes: Buffer, from: number, to: number): boolean {
    if (!this.#look(bytes, from, to - from)) return false;
    const words = this.#words;
    const at = this.#answer;
    if (words[at + 1] !== to - from || ((words[at + 2] as number) & otherSigns) !== 0) return false;
    const count = words[at] as number;
    if (count > mostWindows) return false;
    for (let index = 0; index < count; index++) {
      const each = words[this.#foundAt + index] as number;
      if (mayBegin(bytes, from, to, each >>> 8, each & 0xff)) return false;
    }
    return true;
  }

  #hasRoom(size: number): boolean {
    return this.#free + size + margin <= this.#bytes.length;
  }

  #look(bytes: Buffer, from: number, size: number): boolean {
    let at = bytes.byteOffset + from;
    if (bytes.buffer !== this.#bytes.buffer) {
      if (!this.#hasRoom(size)) return false;
      at = this.#free;
      this.#lastSize = 0;
      bytes.copy(this.#bytes, at, from, from + size);
    } else if (at === this.#lastAt && size === this.#lastSize) return this.#isAnswered();
    this.#exports.look(at, size);
    this.#lastAt = at;
    this.#lastSize = size;
    return this.#isAnswered();
  }

  #isAnswered(): boolean {
    return (this.#words[this.#answer] as number) <= this.#mostFound;
  }
}

const none: readonly number[] = [];

/** Whether a trigger's word stands in bytes[least … most) too; a token may be there. */
function mayBegin(
  bytes: Buffer,
  least: number,
  most: number,
  place: number,
  list: number,
): boolean {
  const at = least + place;
  const from = Math.max(least, at - windowBefore);
  const window = bytes.toString('latin1', from, Math.min(most, at + windowBehind));
  return (rowsOf[list] ?? []).some(({ before, word }) => {
    if (word === undefined) return true;
    const begin = at - before;
    if (begin < least) return false;
    word.lastIndex = begin - from;
    return word.test(window);
  });
}

/** Kinds of bytes, as bits, by sets of upper and lower halves of them. The first five are letters of base64. */
// biome-ignore format: a table
const kinds: readonly (readonly [high: readonly number[], low: readonly number[]])[] = [
  [[4, 6], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]],
  [[3, 5, 7], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  [[4, 5, 6, 7], [10]],
  [[2, 4, 6], [11, 13]],
  [[2, 4, 5, 6], [15]],
  // % &
  [[2], [5, 6]],
  // @ and the byte 0
  [[0, 4], [0]],
  // the backslash
  [[5], [12]],
];
const otherSigns = 0b1110_0000;

function kindTables(): Uint8Array {
  const tables = new Uint8Array(32);
  for (const [bit, [high, low]] of kinds.entries()) {
    for (const half of low) tables[half] = (tables[half] as number) | (1 << bit);
    for (const half of high) tables[16 + half] = (tables[16 + half] as number) | (1 << bit);
  }
  return tables;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** By letter of base64: its six bits; 255: none. */
function sixes(): Uint8Array {
  const table = new Uint8Array(256).fill(255);
  for (let value = 0; value < alphabet.length; value++) table[alphabet.charCodeAt(value)] = value;
  return table;
}

let shared: Scanner | undefined;

/** The scanner of this thread; undefined where the runtime cannot run it. */
export function openScanner(): Scanner | undefined {
  // What it exports, its source says.
  shared ??= openModule(scannerCode, (exports) => new Scanner(exports as Exports));
  return shared;
}
