import { type FieldTree, treeOf } from '../field-tree.ts';
import { gatewayFields, ownFields, type Field as RecordField } from '../fields.ts';

/**
 * What Go's struct says about a field's value. `text` and the others without a leaf are checked and not kept.
 * Numbers, so that the scanner's switch is a jump.
 */
export const kinds = {
  text: 0,
  integer: 1,
  float: 2,
  flag: 3,
  time: 4,
  textList: 5,
  textMap: 6,
  textListMap: 7,
  errors: 8,
  anyList: 9,
} as const;
type Kind = (typeof kinds)[keyof typeof kinds];

/** No slot: the value is checked only. */
const unkept = -1;

export interface Field {
  readonly name: Buffer;
  readonly key: Buffer;
  /** Size of the key as the gateway writes it: one header byte and the name. Of one below four bytes `beyond`. */
  readonly size: number;
  /** That key as big-endian words; the last one overlaps, so that it ends with the key. */
  readonly words: readonly number[];
  /** Place in the struct. */
  readonly index: number;
  readonly kind: Kind;
  readonly slot: number;
  /** Of a field that is a struct itself. */
  readonly struct: Struct | undefined;
}

type UnplacedField = Omit<Field, 'index'>;

export interface Struct {
  /** The names that lead to it from the record: `Geo.City`; of the record itself none. */
  readonly path: string;
  /** In declaration order, which is the order of the map on the wire and of the positional form. */
  readonly fields: readonly Field[];
  /** All slots within, for a nil that clears the whole struct. */
  readonly slots: readonly number[];
}

function fieldOf(name: string, kind: Kind, slot: number, struct?: Struct): UnplacedField {
  const key = Buffer.concat([Buffer.of(0xa0 | name.length), Buffer.from(name, 'latin1')]);
  const isShort = key.length < 4;
  const [size, words] = isShort ? [beyond, []] : [key.length, wordsOf(key)];
  return { name: key.subarray(1), key, size, words, kind, slot, struct };
}

/** More than any record has: such a key is never compared by words, and always looked for. */
const beyond = 0x3fff_ffff;

function wordsOf(key: Buffer): readonly number[] {
  const words: number[] = [];
  for (let at = 0; at + 4 <= key.length; at += 4) words.push(key.readInt32BE(at));
  if (key.length % 4 !== 0) words.push(key.readInt32BE(key.length - 4));
  return words;
}

/** A field that is no struct itself; without a slot it is checked only. */
export const checked = (name: string, kind: Kind, slot = unkept): UnplacedField =>
  fieldOf(name, kind, slot);

export const structOf = (path: string, ...fields: readonly UnplacedField[]): Struct => ({
  path,
  fields: fields.map((field, index) => ({ ...field, index })),
  slots: fields.flatMap((field) => field.struct?.slots ?? (field.slot < 0 ? [] : [field.slot])),
});

/** The gateway's fields by their keys in this encoding, and ours. */
export const fieldTree = treeOf(gatewayFields, ({ go }) => go);
export const ownTree = treeOf(ownFields, ({ go }) => go);

const fieldsOf = (tree: FieldTree<RecordField>, path = ''): readonly UnplacedField[] =>
  tree.map(({ key, leaf, nodes }) => {
    if (leaf !== undefined) return fieldOf(key, kindOf[leaf.kind], leaf.slot);
    const here = path === '' ? key : `${path}.${key}`;
    return fieldOf(key, kinds.text, unkept, structOf(here, ...fieldsOf(nodes, here)));
  });

const kindOf: Readonly<Record<RecordField['kind'], Kind>> = {
  text: kinds.text,
  int32: kinds.integer,
  int64: kinds.integer,
  float: kinds.float,
  flag: kinds.flag,
  time: kinds.time,
  list: kinds.textList,
  names: kinds.textMap,
  types: kinds.textListMap,
  errors: kinds.errors,
};

/** An analytics record, with the one field that it has in this encoding alone. Ours come last: a list has its values by place. */
export const recordStruct = structOf(
  '',
  ...fieldsOf(fieldTree),
  checked('CollectionName', kinds.text),
  ...fieldsOf(ownTree),
);

/** Slots of a GraphQL error, in a table of its own. */
export const errorSlots = { message: 0, path: 1, count: 2 } as const;

export const errorStruct = structOf(
  'GraphQLStats.Errors',
  checked('Message', kinds.text, errorSlots.message),
  checked('Path', kinds.anyList, errorSlots.path),
);
