import { ContractError } from '../../../lib/errors.ts';
import type { Struct } from '../layout.ts';
import { emptyForm, structKind } from '../usual-table.ts';

/** What is compared at a time. */
const blockSize = 16;
/** Of a struct: how many fields it has, its empty form's size and place, and the place of its rows. */
const headSize = 16;
/** A row: four numbers, and three blocks of its key. */
const rowSize = 64;

export interface Laid {
  /** Of the struct. */
  readonly at: number;
  /** After all that was laid out. */
  readonly end: number;
}

/** Lays a struct out as range.as.ts reads it, from `start` on. */
export function layOut(struct: Struct, memory: DataView, start: number): Laid {
  const bytes = Buffer.from(memory.buffer);
  let end = start;
  const take = (size: number): number => {
    const at = end;
    end = (at + size + blockSize - 1) & -blockSize;
    return at;
  };
  const put = (at: number, numbers: readonly number[]): void =>
    numbers.forEach((number, index) => memory.setInt32(at + 4 * index, number, true));

  const lay = (each: Struct): number => {
    const { fields } = each;
    const form = emptyForm(each);
    const at = take(headSize);
    const formAt = take(form.length);
    bytes.set(form, formAt);
    const rowsAt = take(fields.length * rowSize);
    put(at, [fields.length, form.length, formAt, rowsAt]);
    fields.forEach(({ key, kind, slot, struct: inner }, index) => {
      if (key.length > 2 * blockSize) throw new ContractError('no key is that long');
      const rowAt = rowsAt + index * rowSize;
      const innerAt = inner === undefined ? 0 : lay(inner);
      put(rowAt, [key.length, inner === undefined ? kind : structKind, slot, innerAt]);
      const head = key.subarray(0, blockSize);
      bytes.set(head, rowAt + blockSize);
      bytes.fill(0xff, rowAt + 2 * blockSize, rowAt + 2 * blockSize + head.length);
      if (key.length > blockSize) bytes.set(key.subarray(-blockSize), rowAt + 3 * blockSize);
    });
    return at;
  };
  return { at: lay(struct), end };
}
