import { ContractError } from '../../lib/errors.ts';
import { type FieldTree, treeOf } from '../field-tree.ts';
import {
  fields,
  gatewayFields,
  ownFields,
  type Field as RecordField,
  type TimeField,
} from '../fields.ts';
import { slotCount } from '../slots.ts';

const isTime = (field: RecordField): field is Extract<RecordField, { kind: 'time' }> =>
  field.kind === 'time';
const timeFields = fields.filter(isTime).map(({ name }) => name);

/** Slots of this encoding only, behind the common ones: those of the times' nanoseconds, and two more. */
export const nanosSlotOf = Object.fromEntries(
  timeFields.map((name, index) => [name, slotCount + index]),
) as { readonly [F in TimeField]: number };

export const ownSlots = {
  zone: slotCount + timeFields.length,
  /** The first GraphQLStats message: whether there is one, and where to look for its lists. */
  graph: slotCount + timeFields.length + 1,
  /** How many tags there are; no place. */
  tagCount: slotCount + timeFields.length + 2,
} as const;
export const protobufSlotCount = ownSlots.tagCount + 1;

export const wireTypes = {
  varint: 0,
  fixed64: 1,
  bytes: 2,
  startGroup: 3,
  endGroup: 4,
  fixed32: 5,
} as const;

export const kinds = { varint: 0, double: 1, text: 2, texts: 3, message: 4 } as const;
type Kind = (typeof kinds)[keyof typeof kinds];

/** No slot: the value is checked only. */
const unkept = -1;

export interface Field {
  readonly kind: Kind;
  readonly wireType: number;
  readonly slot: number;
  readonly message: Message | undefined;
}

/** A message's fields by number. */
export type Message = readonly (Field | undefined)[];

const varint = (slot: number): Field => ({
  kind: kinds.varint,
  wireType: wireTypes.varint,
  slot,
  message: undefined,
});
const double = (slot: number): Field => ({
  kind: kinds.double,
  wireType: wireTypes.fixed64,
  slot,
  message: undefined,
});
const text = (slot: number): Field => ({
  kind: kinds.text,
  wireType: wireTypes.bytes,
  slot,
  message: undefined,
});
/** A repeated text; the slot keeps the first, and those of the record itself are counted. */
const texts = (slot: number): Field => ({ ...text(slot), kind: kinds.texts });
/** A nested message; a slot keeps the first of its kind. */
const message = (fields: Message, slot = unkept): Field => ({
  kind: kinds.message,
  wireType: wireTypes.bytes,
  slot,
  message: fields,
});

const none = undefined;

/** An entry of a map: a text, and a text or a message with texts. */
const textEntry: Message = [none, text(unkept), text(unkept)];
const textsEntry: Message = [none, text(unkept), message([none, texts(unkept)])];

/** `23.1.1` as the numbers that lead there; none of a field that has no place here. */
const pathOf = ({ protobuf }: RecordField): readonly number[] =>
  protobuf?.split('.').map(Number) ?? [];

const pathTo = (name: RecordField['name']): readonly number[] => {
  const found = fields.find((field) => field.name === name);
  return found === undefined ? [] : pathOf(found);
};

/** GraphQLStats may come in parts: what is repeated in it is gathered from all of them, by another walk. */
export const [graphNumber = 0, typesNumber = 0] = pathTo('graphql_stats.Types');
export const [, errorsNumber = 0] = pathTo('graphql_stats.Errors');
/** MCPStats. */
export const [mcpNumber = 0] = pathTo('mcp_stats.is_mcp');

export interface ListPlace {
  readonly number: number;
  readonly isInGraph: boolean;
}

/** By slot. */
export const listPlaces: readonly (ListPlace | undefined)[] = fields.map((field) => {
  if (field.kind !== 'list') return undefined;
  const [first = 0, second] = pathOf(field);
  if (second === undefined) return { number: first, isInGraph: false };
  if (first === graphNumber) return { number: second, isInGraph: true };
  throw new ContractError('lists are looked for in the record and in its GraphQLStats');
});

function fieldOf(field: RecordField): Field {
  switch (field.kind) {
    case 'text':
      return text(field.slot);
    case 'int32':
    case 'int64':
    case 'flag':
      return varint(field.slot);
    case 'float':
      return double(field.slot);
    case 'time':
      return message([none, varint(field.slot), varint(nanosSlotOf[field.name])]);
    case 'list':
      return texts(listPlaces[field.slot]?.isInGraph === true ? unkept : field.slot);
    case 'names':
      // The reference drops them; a bad one still spoils the record, as there.
      return message(textEntry);
    case 'types':
      return message(textsEntry);
    case 'errors':
      return texts(unkept);
  }
  return field satisfies never;
}

/** The gateway's fields by their numbers, and ours. */
export const fieldTree = treeOf(gatewayFields, ({ protobuf }) => protobuf);
export const ownTree = treeOf(ownFields, ({ protobuf }) => protobuf);

function messageOf(tree: FieldTree<RecordField>): Message {
  const byNumber: Message[number][] = [];
  for (const { key, leaf, nodes } of tree)
    byNumber[Number(key)] = leaf === undefined ? message(messageOf(nodes)) : fieldOf(leaf);
  // A copy has no holes, which would cost the scan.
  return [...byNumber];
}

const shared = messageOf([...fieldTree, ...ownTree]);

/** The zone of both times, a field that this encoding alone has. */
export const zoneNumber = 30;

/** normalproto.AnalyticsRecord (tyk-pump.md, "Protobuf"). */
export const recordMessage: Message = shared
  .with(zoneNumber, text(ownSlots.zone))
  .with(graphNumber, message(shared[graphNumber]?.message ?? [], ownSlots.graph));
