import type { ByteWriter } from '../../lib/byte-writer.ts';
import { literalOf, putLiteral, putWords } from '../../lib/literal.ts';
import { nil } from '../msgpack/codes.ts';
import { ownSlots } from '../protobuf/layout.ts';
import { goFloat, goMonth, jsonFloat, truncatedToUnsigned } from './go-value.ts';
import { type Kind, kinds, lastText } from './kinds.ts';
import { putList } from './list.ts';
import * as msgpack from './msgpack.ts';
import { putNames } from './names.ts';
import { gaveUp, putAscii, putInteger, putWrapped } from './number.ts';
import { copyPlainCsv, copyPlainJson, longText } from './plain-text.ts';
import { type Exception, type Program, roomFor, rowSize } from './program.ts';
import * as protobuf from './protobuf.ts';
import type { Row } from './row.ts';
import { copyText } from './text.ts';
import { putTime } from './time.ts';

/**
 * Writes a record by a program: one function for all formats, shapes and both encodings, so that it is optimised once.
 * Room is asked for once, for the worst case, and again behind each exception, which asks for its own.
 */
export function run(program: Program, row: Row, out: ByteWriter): void {
  const { rows, words, isMsgpack } = program;
  const { view, slots, base, origin } = row;
  const room = roomFor(program, row.size);
  out.ensure(room);
  let { data } = out;
  let to = out.length;
  for (let at = 0; at < rows.length; at += rowSize) {
    to = putWords(words, rows[at + 2] as number, rows[at + 3] as number, data, to);
    const kind = rows[at] as Kind;
    const offset = slots[base + (rows[at + 1] as number)] as number;
    // Within the region; 0 where the field is missing.
    const place = offset === 0 ? 0 : origin + offset;
    let next = to;

    if (kind <= lastText) {
      if (place === 0) continue;
      const start = isMsgpack ? msgpack.textStart(view, place) : protobuf.textStart(view, place);
      const size = isMsgpack ? msgpack.textSize(view, place) : protobuf.textSize(view, place);
      if (size === 0) continue;
      // As if it were plain, which most are.
      next = gaveUp;
      if (size < longText) {
        if (kind === kinds.jsonText || kind === kinds.copyText)
          next = copyPlainJson(view, start, size, data, to);
        else if (kind === kinds.csvText) next = copyPlainCsv(view, start, size, data, to);
      }
      if (next < 0) {
        const from = kind === kinds.tagText ? putSecond(program, at, data, to) : to;
        next = copyText(kind, row, start, size, data, from);
      }
    } else {
      switch (kind) {
        case kinds.integer:
        case kinds.natural:
        case kinds.month: {
          let value = 0;
          if (place !== 0) {
            value = isMsgpack ? msgpack.numberAt(view, place) : protobuf.numberAt(view, place);
          }
          if (kind === kinds.integer) next = putInteger(value, data, to);
          else if (!(value >= 0)) next = gaveUp;
          else if (kind === kinds.natural) next = putInteger(value, data, to);
          else next = putMonth(value, data, to);
          break;
        }
        case kinds.time:
          next = putTime(program, at, row, place, data, to);
          break;
        case kinds.flag:
          next = putLiteral(isFlagSet(view, place, isMsgpack) ? yes : no, data, to);
          break;
        case kinds.jsonList:
        case kinds.csvList:
        case kinds.guardedList:
        case kinds.goList:
        case kinds.copyList:
          if (isNil(view, place, isMsgpack)) next = putSecond(program, at, data, to);
          else {
            const tagCount = isMsgpack ? 0 : (slots[base + ownSlots.tagCount] as number);
            next = putList(kind, row, place, isMsgpack, tagCount, data, to);
          }
          break;
        case kinds.jsonNames:
        case kinds.csvNames:
        case kinds.goNames:
        case kinds.copyNames:
          next = isNil(view, place, isMsgpack)
            ? putSecond(program, at, data, to)
            : putNames(kind, row, place, data, to);
          break;
        case kinds.nil:
          next = isNil(view, place, isMsgpack) ? putSecond(program, at, data, to) : gaveUp;
          break;
        case kinds.jsonFloat:
        case kinds.goFloat:
        case kinds.wholeFloat: {
          let value = 0;
          if (place !== 0) {
            value = isMsgpack ? msgpack.floatAt(view, place) : protobuf.floatAt(view, place);
          }
          next = putFloat(kind, value, data, to);
          break;
        }
        case kinds.when:
          if (!isFlagSet(view, place, isMsgpack)) at = (rows[at + 6] as number) - rowSize;
          break;
        case kinds.comma:
          // No value ends in a brace that opens.
          if (data.getUint8(to - 1) !== brace) data.setUint8(next++, comma);
          break;
        case kinds.jsonBase64:
        case kinds.exception:
          next = gaveUp;
          break;
        default:
        // Nothing stands behind the last literal.
      }
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

const [comma, brace] = [0x2c, 0x7b];

/** The second literal of the row. */
const putSecond = ({ words, rows }: Program, at: number, data: DataView, to: number): number =>
  putWords(words, rows[at + 4] as number, rows[at + 5] as number, data, to);

const isNil = (view: DataView, place: number, isMsgpack: boolean): boolean =>
  place === 0 || (isMsgpack && view.getUint8(place) === nil);

const isFlagSet = (view: DataView, place: number, isMsgpack: boolean): boolean =>
  place !== 0 && (isMsgpack ? msgpack.isSet(view, place) : protobuf.isSet(view, place));

const [yes, no] = [literalOf('true'), literalOf('false')];
const months = Array.from({ length: 13 }, (_, month) => literalOf(goMonth(month)));

function putMonth(month: number, data: DataView, to: number): number {
  const name = months[month];
  return name === undefined ? putAscii(goMonth(month), data, to) : putLiteral(name, data, to);
}

/** Gives up for what is no number in JSON; what is none because it is not exact is the same here. */
function putFloat(kind: Kind, value: number, data: DataView, to: number): number {
  if (Object.is(value, 0)) return putInteger(0, data, to);
  if (!Number.isFinite(value)) return gaveUp;
  if (kind === kinds.jsonFloat) return putAscii(jsonFloat(value), data, to);
  if (kind === kinds.goFloat) return putAscii(goFloat(value), data, to);
  const whole = Math.trunc(value);
  if (whole < 0) return putWrapped(whole, data, to);
  if (whole < 2 ** 31) return putInteger(whole, data, to);
  return putAscii(String(truncatedToUnsigned(value)), data, to);
}
