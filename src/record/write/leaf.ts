import { ByteWriter } from '../../lib/byte-writer.ts';
import { EditedRecord } from '../edited-record.ts';
import type {
  FlagField,
  FloatField,
  IntegerField,
  ListField,
  TextField,
  TimeField,
} from '../fields.ts';
import { MsgpackRecord } from '../msgpack/record.ts';
import { listPlaces, nanosSlotOf, ownSlots } from '../protobuf/layout.ts';
import type { RecordTime } from '../record.ts';
import { type LeafField, slotCount, slotOf } from '../slots.ts';
import type { TimeHalves } from '../time/text.ts';
import type { RecordWriter, Target } from './compiled-writer.ts';
import { type Kind, kinds } from './kinds.ts';
import type { Exception, Token, Value } from './program.ts';
import { TimeCell, timeRoom } from './time-cell.ts';

/** How one field is written if nothing is in the way. */
export type Leaf = Omit<Value, 'otherwise'>;

/** A number of 64 bits, the shortest form of a float, or `%!Month(18446744073709551615)`. */
const numberRoom = 32;

export const leaf = {
  text: (field: TextField, kind: Kind): Leaf => ({
    kind,
    slot: slotOf[field],
    room: 2,
    isCopy: true,
  }),
  /** What a text of base64 holds. */
  base64: (field: TextField): Leaf => base64At(slotOf[field]),
  /** Behind its name, and without it where it is empty. */
  tag: (field: TextField, label: string): Leaf => ({
    ...leaf.text(field, kinds.tagText),
    literal: label,
  }),
  integer: (field: IntegerField, kind: Kind = kinds.integer): Leaf => ({
    // Unsigned in either encoding, where a number below 0 is another one in each.
    kind: field === 'geo.city.geoname_id' ? kinds.natural : kind,
    slot: slotOf[field],
    room: numberRoom,
  }),
  float: (field: FloatField, kind: Kind): Leaf => ({ kind, slot: slotOf[field], room: numberRoom }),
  flag: (field: FlagField): Leaf => ({ kind: kinds.flag, slot: slotOf[field], room: 5 }),
  time: (
    field: TimeField,
    halvesOf: (time: RecordTime) => TimeHalves,
    mark = '',
    step = 1,
  ): Leaf => ({
    kind: kinds.time,
    slot: slotOf[field],
    room: timeRoom,
    cell: new TimeCell(halvesOf, mark, step),
    nanosSlot: nanosSlotOf[field],
  }),
  /** `nil`: what stands for a list that is nil. Of protobuf's lists a program knows the tags. */
  list(field: ListField, kind: Kind, nil: string, { encoding }: Target): Leaf | undefined {
    const slot = slotOf[field];
    if (encoding === 'msgpack' || field === 'tags')
      return { kind, slot, room: nil.length + 2, isCopy: true, literal: nil };
    const isInGraph = listPlaces[slot]?.isInGraph === true;
    return isInGraph ? leaf.rare(field, nil, { encoding }) : undefined;
  },
  names: (kind: Kind, nil: string): Leaf => ({
    kind,
    slot: slotOf['geo.city.names'],
    room: 8,
    isCopy: true,
    literal: nil,
  }),
  /**
   * `nil` where it is nil, else an exception: for fields that few records have. Protobuf has those of GraphQL in a message
   * of their own.
   */
  rare: (field: LeafField, nil: string, { encoding }: Pick<Target, 'encoding'>): Leaf => ({
    kind: kinds.nil,
    slot: encoding === 'protobuf' ? ownSlots.graph : slotOf[field],
    room: 0,
    literal: nil,
  }),
};

/** What it holds is put down behind the room that its JSON takes at most. */
const base64At = (slot: number): Leaf => ({
  kind: kinds.jsonBase64,
  slot,
  room: 128,
  isCopy: true,
});

interface Place {
  readonly field: LeafField;
  readonly target: Target;
  /** Writes this value the slow way. */
  readonly interpret: RecordWriter;
}

/** The value as a token, the edits of the target worked in. Without a leaf it is left to the interpreter. */
export function valueToken({ field, target, interpret }: Place, draft?: Leaf): Token {
  const { plan } = target;
  if (plan === undefined) return { ...(draft ?? exception), otherwise: interpret };
  const slot = slotOf[field];
  if (plan.cleared[slot] === 1) return textOf(interpret);
  const otherwise: Exception = (row, out) => interpret(new EditedRecord(row, plan), out);
  const replaced = plan.payloads.find((payload) => payload.slot === slot);
  if (replaced === undefined) return { ...(draft ?? exception), otherwise };
  const isDecoded = draft?.kind === kinds.jsonText && replaced.isDecoded;
  return { ...(isDecoded && replaced.limit === Infinity ? base64At(slot) : exception), otherwise };
}

/** In quotes, unless it is written with its own. */
export const quoted = (token: Token): readonly Token[] =>
  typeof token === 'string' || ownQuotes.includes(token.kind) ? [token] : ['"', token, '"'];

const ownQuotes: readonly Kind[] = [kinds.exception, kinds.jsonBase64];

const exception: Leaf = { kind: kinds.exception, slot: 0, room: 0 };

/** A cleared field reads like one that is missing. */
function textOf(interpret: RecordWriter): string {
  const out = new ByteWriter(64);
  interpret(emptyRecord, out);
  return out.view().toString();
}

const emptyRecord = new MsgpackRecord(
  { region: Buffer.alloc(1), view: new DataView(new ArrayBuffer(1)) },
  0,
  1,
  new Int32Array(slotCount),
  0,
);
