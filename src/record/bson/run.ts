import type { ByteWriter } from '../../lib/byte-writer.ts';
import { putWords } from '../../lib/literal.ts';
import { integerSizes } from '../msgpack/codes.ts';
import { ownSlots } from '../protobuf/layout.ts';
import { zoneOf } from '../protobuf/time.ts';
import { zeroTime } from '../time/zero-time.ts';
import { type Kind, kinds } from '../write/kinds.ts';
import * as msgpack from '../write/msgpack.ts';
import { gaveUp } from '../write/number.ts';
import { type Exception, type Program, roomFor, rowSize } from '../write/program.ts';
import * as protobuf from '../write/protobuf.ts';
import type { Row } from '../write/row.ts';
import { elementTypes } from './element.ts';
import { closed, putNames, putText, putTexts } from './texts.ts';

/** Where the documents begin that have not ended yet: a shape is a few deep. */
const begun = new Int32Array(16);

/**
 * Writes a record by a program of BSON. Beside write/run.ts and not in it: elements have their sizes and types before them,
 * and no text is looked at. Here, too, all programs share one function, room is asked for once, and what is out of the
 * ordinary is an exception.
 */
export function runBson(program: Program, row: Row, out: ByteWriter): void {
  const { rows, words, isMsgpack } = program;
  const { view, slots, base, origin } = row;
  const room = roomFor(program, row.size);
  out.ensure(room);
  let { data } = out;
  let to = out.length;
  let depth = 0;
  for (let at = 0; at < rows.length; at += rowSize) {
    to = putWords(words, rows[at + 2] as number, rows[at + 3] as number, data, to);
    const kind = rows[at] as Kind;
    const offset = slots[base + (rows[at + 1] as number)] as number;
    // Within the region; 0 where the field is missing.
    const place = offset === 0 ? 0 : origin + offset;
    const headSize = rows[at + 5] as number;
    const value = to + headSize;
    if (headSize > 0) putWords(words, rows[at + 4] as number, headSize, data, to);
    let next = gaveUp;

    switch (kind) {
      case kinds.bsonText: {
        let [start, size] = [0, 0];
        if (place !== 0) {
          start = isMsgpack ? msgpack.textStart(view, place) : protobuf.textStart(view, place);
          size = isMsgpack ? msgpack.textSize(view, place) : protobuf.textSize(view, place);
        }
        next = putText(row, start, size, data, value);
        break;
      }
      case kinds.bsonInteger: {
        const number = numberAt(view, place, isMsgpack);
        if ((number | 0) === number) {
          data.setInt32(value, number, true);
          next = value + 4;
        } else {
          next = putLong(number, data, value);
          if (next !== gaveUp) data.setUint8(to, elementTypes.long);
        }
        break;
      }
      case kinds.bsonNatural:
      case kinds.bsonLong: {
        const number = numberAt(view, place, isMsgpack);
        if (kind === kinds.bsonLong || number >= 0) next = putLong(number, data, value);
        break;
      }
      case kinds.bsonTime:
        next = putLong(timeAt(program, at, row, place), data, value);
        break;
      case kinds.bsonDouble: {
        let number = 0;
        if (place !== 0)
          number = isMsgpack ? msgpack.floatAt(view, place) : protobuf.floatAt(view, place);
        if (!Number.isNaN(number)) {
          data.setFloat64(value, number, true);
          next = value + 8;
        }
        break;
      }
      case kinds.bsonFlag: {
        const isSet =
          place !== 0 && (isMsgpack ? msgpack.isSet(view, place) : protobuf.isSet(view, place));
        data.setUint8(value, isSet ? 1 : 0);
        next = value + 1;
        break;
      }
      case kinds.bsonList: {
        const tagCount = isMsgpack ? 0 : (slots[base + ownSlots.tagCount] as number);
        next = putTexts(row, place, isMsgpack, tagCount, data, value);
        break;
      }
      case kinds.bsonNames:
        next = putNames(row, place, data, value);
        break;
      case kinds.bsonOpen:
        begun[depth++] = value;
        next = value + 4;
        break;
      case kinds.bsonClose:
        next = closed(data, begun[--depth] as number, value);
        break;
      case kinds.nothing:
        next = value;
        break;
      default:
      // An exception.
    }

    if (next >= 0) {
      to = next;
      continue;
    }
    out.advance(to);
    (program.exceptions[at / rowSize] as Exception)(row, out);
    out.ensure(room);
    ({ data } = out);
    to = out.length;
  }
  out.advance(to);
}

/** NaN where it is not exact. */
function numberAt(view: DataView, place: number, isMsgpack: boolean): number {
  if (place === 0) return 0;
  return isMsgpack ? msgpack.numberAt(view, place) : protobuf.numberAt(view, place);
}

const zeroMillis = Number(zeroTime.seconds) * 1_000;

/** Milliseconds since 1970; NaN where they are not exact. */
function timeAt({ rows, isMsgpack }: Program, at: number, row: Row, place: number): number {
  const { region, view, slots, base, origin } = row;
  let [seconds, nanos] = [0, 0];
  if (isMsgpack) {
    if (place === 0) return zeroMillis;
    const secondsAt = place + 1;
    seconds = msgpack.numberAt(view, secondsAt);
    nanos = msgpack.numberAt(view, secondsAt + (integerSizes[view.getUint8(secondsAt)] as number));
  } else {
    const nanosAt = slots[base + (rows[at + 7] as number)] as number;
    if (place !== 0) seconds = protobuf.longAt(view, place);
    if (nanosAt !== 0) nanos = protobuf.numberAt(view, origin + nanosAt);
    // In a zone that nobody knows it is another time.
    const zoneAt = slots[base + ownSlots.zone] as number;
    if (zoneOf(region, zoneAt === 0 ? 0 : origin + zoneAt) === undefined) return NaN;
  }
  return nanos >= 0 && nanos < 1e9 ? seconds * 1_000 + Math.trunc(nanos / 1e6) : NaN;
}

/** Gives up for what is not exact. */
function putLong(number: number, data: DataView, to: number): number {
  if (!Number.isSafeInteger(number)) return gaveUp;
  data.setInt32(to, number | 0, true);
  data.setInt32(to + 4, Math.floor(number / 2 ** 32), true);
  return to + 8;
}
