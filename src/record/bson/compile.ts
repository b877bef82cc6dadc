import { EditedRecord } from '../edited-record.ts';
import { type Field, fields } from '../fields.ts';
import { nanosSlotOf } from '../protobuf/layout.ts';
import { slotOf } from '../slots.ts';
import { compiledWriter, type RecordWriter, type Target } from '../write/compiled-writer.ts';
import { type Kind, kinds } from '../write/kinds.ts';
import type { Exception, Token, Value } from '../write/program.ts';
import { elementHead, elementTypes } from './element.ts';
import { interpretBson, interpretElement } from './interpret.ts';
import { runBson } from './run.ts';
import type { BsonEntry, BsonShape } from './shape.ts';
import { listRoom } from './texts.ts';

/** Texts are copied as they are; what a list takes besides is in its room. */
const growth = 1;

/** A function that writes a shape's elements, byte for byte as the interpreter does. */
export const compileBson = (shape: BsonShape): RecordWriter =>
  compiledWriter({
    tokensOf: (target) => shape.flatMap((entry) => tokensOf(entry, target)),
    growth,
    interpret: (record, out) => interpretBson(shape, record, out),
    run: runBson,
  });

function tokensOf(entry: BsonEntry, target: Target): readonly Token[] {
  const { key, value } = entry;
  switch (value.form) {
    case 'object':
      return [
        elementHead(elementTypes.document, key),
        mark(kinds.bsonOpen),
        ...value.entries.flatMap((inner) => tokensOf(inner, target)),
        mark(kinds.bsonClose),
      ];
    case 'field':
      return [fieldToken(entry, fields[slotOf[value.field]] as Field, target)];
    case 'constant':
    case 'computed':
      return [{ ...exception, otherwise: otherwise(entry, target) }];
  }
  return value satisfies never;
}

const mark = (kind: Kind): Token => ({ kind, slot: 0, room: 4 });

function fieldToken(entry: BsonEntry, field: Field, target: Target): Token {
  const { plan } = target;
  const { slot } = field;
  const isEdited =
    plan?.cleared[slot] === 1 || plan?.payloads.some((payload) => payload.slot === slot) === true;
  // A text that is left out is common, and the same in every document.
  if (field.kind === 'text' && plan?.cleared[slot] === 1)
    return `${elementHead(elementTypes.text, entry.key)}\u0001\0\0\0\0`;
  const draft = isEdited ? exception : (leafOf(entry.key, field, target) ?? exception);
  return { ...draft, otherwise: otherwise(entry, target) };
}

function otherwise(entry: BsonEntry, { plan }: Target): Exception {
  return plan === undefined
    ? (row, out) => interpretElement(entry, row, out)
    : (row, out) => interpretElement(entry, new EditedRecord(row, plan), out);
}

const exception: Value = { kind: kinds.exception, slot: 0, room: 0 };

/** Undefined for what takes more than copying. */
function leafOf(key: string, field: Field, { encoding }: Target): Value | undefined {
  const { slot } = field;
  const fixed = (kind: Kind, type: Parameters<typeof elementHead>[0]): Value => ({
    kind,
    slot,
    room: 8,
    literal: elementHead(type, key),
  });
  switch (field.kind) {
    case 'text':
      return { ...fixed(kinds.bsonText, elementTypes.text), isCopy: true };
    case 'int32':
      return fixed(kinds.bsonInteger, elementTypes.integer);
    case 'int64':
      // Unsigned in either encoding, where a number below 0 is another one in each.
      return fixed(
        field.name === 'geo.city.geoname_id' ? kinds.bsonNatural : kinds.bsonLong,
        elementTypes.long,
      );
    case 'float':
      return fixed(kinds.bsonDouble, elementTypes.double);
    case 'flag':
      return fixed(kinds.bsonFlag, elementTypes.flag);
    case 'time':
      return { ...fixed(kinds.bsonTime, elementTypes.time), nanosSlot: nanosSlotOf[field.name] };
    case 'list': {
      const isKnown = encoding === 'msgpack' || field.name === 'tags';
      const list = fixed(kinds.bsonList, elementTypes.array);
      return isKnown ? { ...list, room: listRoom, isCopy: true } : undefined;
    }
    case 'names':
      return { ...fixed(kinds.bsonNames, elementTypes.document), room: 32, isCopy: true };
    case 'types':
    case 'errors':
      return undefined;
  }
  return field satisfies never;
}
