import { ContractError } from '../../lib/errors.ts';
import { nil } from './codes.ts';
import { type Field, kinds, type Struct } from './layout.ts';

/**
 * A struct as numbers side by side, for the scanner of usual records: it looks nowhere else. Bytes are compared eight at a
 * time, as floats: what they are compared with is never a zero, which would be equal to another one. (A NaN is equal to
 * nothing, and then the struct is gone through.)
 */
export interface Table {
  /** Of each field the size of its key, its kind and its slot in one number, so that one look gives all three. */
  readonly rows: Int32Array;
  /** The words of each key: its first, its last, and its second where it has more than two. They may overlap. */
  readonly keys: Float64Array;
  /** The same of keys that are shorter than a word: the first four bytes and the last four. */
  readonly shortKeys: Int32Array;
  readonly count: number;
  /** Of a field that is a struct itself. */
  readonly structs: readonly (Table | undefined)[];
  /** The whole struct when nothing in it is set, as words that may overlap; where each begins; and its size. */
  readonly emptyWords: Float64Array;
  readonly emptyAt: Int32Array;
  readonly emptySize: number;
}

/** The kind of a field that is a struct itself. */
export const structKind = 15;
export const wordsPerKey = 3;
const wordSize = 8;

export function tableOf(struct: Struct): Table {
  const { fields } = struct;
  const rows = new Int32Array(fields.length);
  const keys = new Float64Array(fields.length * wordsPerKey);
  const shortKeys = new Int32Array(fields.length * 2);
  fields.forEach(({ key, kind, slot, struct: inner }, index) => {
    const { length: size } = key;
    rows[index] = (slot << 16) | ((inner === undefined ? kind : structKind) << 8) | size;
    if (size < wordSize) shortKeys.set([key.readInt32LE(0), key.readInt32LE(size - 4)], 2 * index);
    else {
      const places = [0, size - wordSize, ...(size > 2 * wordSize ? [wordSize] : [])];
      keys.set(
        places.map((at) => key.readDoubleLE(at)),
        wordsPerKey * index,
      );
    }
  });
  const empty = emptyForm(struct);
  const emptyAt = placesOfWords(empty);
  return {
    rows,
    keys,
    shortKeys,
    count: fields.length,
    structs: fields.map(({ struct: inner }) => (inner === undefined ? undefined : tableOf(inner))),
    emptyWords: Float64Array.from(emptyAt, (at) => empty.readDoubleLE(at)),
    emptyAt: Int32Array.from(emptyAt),
    emptySize: empty.length,
  };
}

/** A struct with nothing set, as gateways write it. */
export function emptyForm({ fields }: Struct): Buffer {
  const parts = fields.flatMap(({ key, kind, struct }) => [
    key,
    struct === undefined ? Buffer.from(emptyValues[kind]) : emptyForm(struct),
  ]);
  return Buffer.concat([Buffer.of(0x80 | fields.length), ...parts]);
}

/** Of each kind the value that a missing field has. */
const emptyValues: Readonly<Record<Field['kind'], readonly number[]>> = {
  [kinds.text]: [0xa0],
  [kinds.integer]: [0],
  [kinds.float]: [0xcb, ...Buffer.alloc(8)],
  [kinds.flag]: [0xc2],
  // The year 1.
  [kinds.time]: [0x92, 0xd3, 0xff, 0xff, 0xff, 0xf1, 0x88, 0x6e, 0x09, 0x00, 0x00],
  [kinds.textList]: [nil],
  [kinds.textMap]: [nil],
  [kinds.textListMap]: [nil],
  [kinds.errors]: [nil],
  [kinds.anyList]: [nil],
};

/** Words that cover all of the bytes, none of which is zero: one that would be begins earlier. */
function placesOfWords(bytes: Buffer): readonly number[] {
  const places: number[] = [];
  for (let next = 0; next < bytes.length; ) {
    let at = Math.min(next, bytes.length - wordSize);
    while (bytes.readDoubleLE(at) === 0) at--;
    if (at + wordSize <= next) throw new ContractError('no struct ends with a float');
    places.push(at);
    next = at + wordSize;
  }
  return places;
}
