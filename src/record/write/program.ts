import type { ByteWriter } from '../../lib/byte-writer.ts';
import { literalOverhang, wordsOf } from '../../lib/literal.ts';
import { type Kind, kinds } from './kinds.ts';
import type { Row } from './row.ts';
import type { TimeCell } from './time-cell.ts';

/** What a document consists of: text known beforehand, values, and tokens that depend on a flag. */
export type Token = string | Value | Condition;

export interface Value {
  readonly kind: Kind;
  readonly slot: number;
  /** Room it takes besides the bytes it copies from the record. */
  readonly room: number;
  /** Whether it copies the bytes at its slot. */
  readonly isCopy?: true;
  /** The second literal: what stands for nil, or the name of a tag. */
  readonly literal?: string;
  readonly cell?: TimeCell;
  /** Of the nanoseconds, where the encoding keeps them apart. */
  readonly nanosSlot?: number;
  /** Writes an exception: by the interpreter, which asks for room itself. */
  readonly otherwise?: Exception;
}

export interface Condition {
  readonly kind: typeof kinds.when;
  /** Of the flag. */
  readonly slot: number;
  readonly tokens: readonly Token[];
}

export type Exception = (row: Row, out: ByteWriter) => void;

/**
 * Tokens made ready for run.ts: numbers in rows, and what the numbers stand for. A row is a literal and what follows it:
 *
 *     kind │ slot │ literal: place, size │ second literal: place, size │ cell, or the row behind a condition │ nanosSlot
 */
export interface Program {
  readonly rows: Int32Array;
  /** All literals, each from a new word on: they are copied by words (src/lib/literal.ts). */
  readonly words: Float64Array;
  readonly cells: readonly TimeCell[];
  /** By row. */
  readonly exceptions: readonly (Exception | undefined)[];
  readonly isMsgpack: boolean;
  /** Room a record takes at most: so much, and so much for each of its bytes. */
  readonly room: number;
  readonly roomPerByte: number;
}

/** Of a row: a power of two, so that the number of a row is a shift away. */
export const rowSize = 8;

export const roomFor = ({ room, roomPerByte }: Program, size: number): number =>
  room + roomPerByte * size;

export interface Bounds {
  readonly isMsgpack: boolean;
  /** Bytes that one byte of a record becomes at most. */
  readonly growth: number;
}

export function programOf(tokens: readonly Token[], { isMsgpack, growth }: Bounds): Program {
  const layout = new Layout();
  layout.add(tokens);
  return {
    ...layout.laidOut(),
    isMsgpack,
    room: layout.room + literalOverhang,
    roomPerByte: growth * mostUses(layout.copied),
  };
}

class Layout {
  readonly #rows: number[] = [];
  readonly #words: number[] = [];
  readonly #cells: TimeCell[] = [];
  readonly #exceptions: (Exception | undefined)[] = [];
  /** Slots whose bytes are copied. */
  readonly copied: number[] = [];
  room = 0;

  /** Neighbouring texts become one literal; a last one has nothing behind it. */
  add(tokens: readonly Token[]): void {
    let text = '';
    for (const token of tokens) {
      if (typeof token === 'string') text += token;
      else {
        if ('tokens' in token) this.#condition(token, text);
        else this.#value(token, text);
        text = '';
      }
    }
    if (text !== '') this.#value(nothing, text);
  }

  laidOut(): Pick<Program, 'rows' | 'words' | 'cells' | 'exceptions'> {
    return {
      rows: Int32Array.from(this.#rows),
      words: Float64Array.from(this.#words),
      cells: this.#cells,
      exceptions: this.#exceptions,
    };
  }

  #value(value: Value, before: string): void {
    const { kind, slot, room, isCopy, literal = '', cell, nanosSlot = 0, otherwise } = value;
    const cellAt = cell === undefined ? 0 : this.#cells.push(cell) - 1;
    this.#rows.push(kind, slot, ...this.#literal(before), ...this.#literal(literal));
    this.#rows.push(cellAt, nanosSlot);
    this.#exceptions.push(otherwise);
    this.room += room;
    if (isCopy === true) this.copied.push(slot);
  }

  #condition({ kind, slot, tokens }: Condition, before: string): void {
    const at = this.#rows.length;
    this.#value({ kind, slot, room: 0 }, before);
    this.add(tokens);
    this.#rows[at + 6] = this.#rows.length;
  }

  #literal(text: string): readonly [at: number, size: number] {
    const bytes = Buffer.from(text);
    const at = this.#words.length;
    this.#words.push(...wordsOf(bytes));
    this.room += bytes.length;
    return [at, bytes.length];
  }
}

const nothing: Value = { kind: kinds.nothing, slot: 0, room: 0 };

/** How often the slot is used that is used most. */
const mostUses = (slots: readonly number[]): number =>
  Math.max(0, ...slots.map((slot) => slots.filter((other) => other === slot).length));
