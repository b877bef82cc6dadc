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
import { type LeafField, slotCount, slotOf } from '../slots.ts';
import type { RecordWriter, Target } from './compiled-writer.ts';
import { putAscii } from './number.ts';
import { gaveUp, interpreted, type Token, type Value } from './program.ts';
import type { Joint, PutFloat, PutInteger, RareField, Source } from './source.ts';
import type { CopyText } from './text.ts';
import { type PutTime, timeRoom } from './time.ts';

/** How one field is written if nothing is in the way. */
export type Leaf = Omit<Value, 'otherwise'>;

/** A number of 64 bits, the shortest form of a float, or `%!Month(18446744073709551615)`. */
const numberRoom = 32;

export const leaf = {
  text: (source: Source, field: TextField, copy: CopyText): Leaf => ({
    step: source.text(slotOf[field], copy),
    room: 2,
    slots: [slotOf[field]],
  }),
  integer: (source: Source, field: IntegerField, put: PutInteger): Leaf => ({
    step: source.integer(field, put),
    room: numberRoom,
    slots: [],
  }),
  float: (source: Source, field: FloatField, put: PutFloat): Leaf => ({
    step: source.float(field, put),
    room: numberRoom,
    slots: [],
  }),
  flag(source: Source, field: FlagField): Leaf {
    const isSet = source.isSet(field);
    return {
      step: (row, out, to) => putAscii(isSet(row) ? 'true' : 'false', out, to),
      room: 5,
      slots: [],
    };
  },
  time: (source: Source, field: TimeField, put: PutTime): Leaf => ({
    step: source.time(field, put),
    room: timeRoom,
    slots: [],
  }),
  list: (source: Source, field: ListField, copy: CopyText, joint: Joint): Leaf => ({
    step: source.list(slotOf[field], copy, joint),
    room: joint.before.length + joint.after.length + joint.nil.length,
    slots: [slotOf[field]],
  }),
  /** `nil` where it is null, else left to the interpreter. */
  rare(source: Source, field: RareField, nil: string): Leaf {
    const isNull = source.isNull(field);
    return {
      step: (row, out, to) => (isNull(row) ? putAscii(nil, out, to) : gaveUp),
      room: nil.length,
      slots: [],
    };
  },
};

interface Place {
  readonly field: LeafField;
  readonly target: Target;
  /** Writes this value the slow way. */
  readonly interpret: RecordWriter;
}

/** The value as a token, the edits of the target worked in. Without a leaf it is left to the interpreter. */
export function valueToken({ field, target, interpret }: Place, draft: Leaf | undefined): Token {
  const { plan } = target;
  if (plan === undefined)
    return draft ? { ...draft, otherwise: interpret } : interpreted(interpret);
  const slot = slotOf[field];
  if (plan.cleared[slot] === 1) return textOf(interpret);
  const otherwise: Value['otherwise'] = (row, out) => interpret(new EditedRecord(row, plan), out);
  const isReplaced = plan.payloads.some((payload) => payload.slot === slot);
  return draft === undefined || isReplaced ? interpreted(otherwise) : { ...draft, otherwise };
}

/** A cleared field reads like one that is missing. */
function textOf(interpret: RecordWriter): string {
  const out = new ByteWriter(64);
  interpret(emptyRecord, out);
  return out.view().toString();
}

const emptyRecord = new MsgpackRecord(
  Buffer.alloc(1),
  new DataView(new ArrayBuffer(0)),
  new Int32Array(slotCount),
  0,
);
