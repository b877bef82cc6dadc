/**
 * Runs a program (../program.ts) over many records of MessagePack, 16 bytes at a time: what ../run.ts does with one. The language is
 * AssemblyScript, as in ../../msgpack/range/range.as.ts. The host lays programs and records out (stretch-programs.ts,
 * stretch-writer.ts), and sees to it that there are 16 bytes of memory behind the last record and behind the room for documents.
 *
 * What it is not sure of it leaves to the host, the whole record: an exception. What it writes ../run.ts writes, too, byte for
 * byte, and a property holds both to that. Records were scanned, so their values lie within them.
 */
import { putBase64 } from './base64.as';
import { putCsvList, putJsonList, putNames } from './lists.as';
import {
  noNumber,
  numberAt,
  putFloat,
  putMonth,
  putNumber,
  putTime,
  putUnsigned,
} from './numbers.as';
import { exception, nil, turned } from './tables.as';
import { putCsv, putJson, putLiteral, textSize, textStart } from './texts.as';

export { cellAfter, cellBefore, cellSize, turnedCell, turnedSeconds } from './numbers.as';
export {
  escapesAt,
  freeAt,
  integersAt,
  monthsAt,
  textWidthsAt,
  triplesAt,
} from './tables.as';

/** Why it stopped before a record: there is no room. */
const full: u32 = 2;

// A program: where its rows begin and end, the room a record takes, and the room for each of its bytes.
// A row, as in ../program.ts: kind, slot, literal's place and size, second literal's place and size, cell or row, nothing.
const rowSize: u32 = 32;
// A frame: place and size of its head, its tail and its end, whether an index stands between head and tail, and the room it takes.

// Kinds of ../kinds.ts.
const jsonText: u32 = 0;
const csvText: u32 = 1;
const guardedText: u32 = 2;
const jsonList: u32 = 9;
const csvList: u32 = 10;
const guardedList: u32 = 11;
const jsonNames: u32 = 14;
const csvNames: u32 = 15;
const integer: u32 = 18;
const natural: u32 = 19;
const month: u32 = 20;
const jsonFloat: u32 = 21;
const wholeFloat: u32 = 23;
const flag: u32 = 24;
const time: u32 = 25;
const nilValue: u32 = 26;
const when: u32 = 27;
const comma: u32 = 28;
const nothing: u32 = 30;
const jsonBase64: u32 = 42;

const yes: u32 = 0xc3;

/**
 * Writes the records from `first` to before `last` from `out` on, each in the frame unless that is 0. Their places, four numbers each:
 * where it is, its size, where its slots are, its index. Where a document ends is written at `ends`. Gives the record it stopped at
 * times four, and why: 0 for all are written.
 */
export function write(
  program: u32,
  frame: u32,
  places: u32,
  first: u32,
  last: u32,
  out: u32,
  outEnd: u32,
  ends: u32,
): u32 {
  const growth = load<u32>(program, 12);
  const room = load<u32>(program, 8) + (frame == 0 ? 0 : load<u32>(frame, 28));
  let start = out;
  for (let index = first; index < last; index++) {
    const place = places + (index << 4);
    if (<u64>start + room + <u64>growth * load<u32>(place, 4) > outEnd) return (index << 2) | full;
    let to = start;
    if (frame != 0) {
      to = putLiteral(load<u32>(frame), load<u32>(frame, 4), to);
      if (load<u32>(frame, 24) != 0) to = putUnsigned(load<u32>(place, 12), to);
      to = putLiteral(load<u32>(frame, 8), load<u32>(frame, 12), to);
    }
    to = run(program, load<u32>(place), load<u32>(place, 8), to);
    if (to <= turned) return (index << 2) | to;
    if (frame != 0) to = putLiteral(load<u32>(frame, 16), load<u32>(frame, 20), to);
    store<u32>(ends + (index << 2), to);
    start = to;
  }
  return last << 2;
}

/** Writes one record; gives the place after it, or why it cannot. */
function run(program: u32, origin: u32, slots: u32, start: u32): u32 {
  const end = load<u32>(program, 4);
  let to = start;
  for (let row = load<u32>(program); row < end; row += rowSize) {
    to = putLiteral(load<u32>(row, 8), load<u32>(row, 12), to);
    const kind = load<u32>(row);
    const offset = load<u32>(slots + (load<u32>(row, 4) << 2));
    // 0 where the field is missing.
    const place = offset == 0 ? 0 : origin + offset;
    if (kind <= guardedText) {
      if (place == 0) continue;
      const size = textSize(place);
      if (size == 0) continue;
      const from = textStart(place);
      to = kind == jsonText ? putJson(from, size, to) : putCsv(from, size, to, kind == guardedText);
    } else if (kind == integer || kind == natural || kind == month) {
      const value = place == 0 ? 0 : numberAt(place);
      if (value == noNumber || (value < 0 && kind != integer)) return exception;
      to = kind != month ? putNumber(value, to) : value > 12 ? exception : putMonth(<u32>value, to);
    } else {
      switch (kind) {
        case time:
          to = putTime(load<u32>(row, 24), place, to);
          break;
        case jsonList:
        case csvList:
        case guardedList:
          if (isNil(place)) to = putLiteral(load<u32>(row, 16), load<u32>(row, 20), to);
          else if (kind == jsonList) to = putJsonList(place, to);
          else to = putCsvList(place, to, kind == guardedList);
          break;
        case jsonNames:
        case csvNames:
          if (isNil(place)) to = putLiteral(load<u32>(row, 16), load<u32>(row, 20), to);
          else to = putNames(place, to, kind == jsonNames);
          break;
        case nilValue:
          if (!isNil(place)) return exception;
          to = putLiteral(load<u32>(row, 16), load<u32>(row, 20), to);
          break;
        case jsonFloat:
        case wholeFloat:
          to = putFloat(place, to, kind == wholeFloat);
          break;
        case flag: {
          const isSet = place != 0 && load<u8>(place) == yes;
          // `true` or `fals` and `e`.
          store<u32>(to, isSet ? 0x6575_7274 : 0x736c_6166);
          store<u8>(to, 0x65, 4);
          to += isSet ? 4 : 5;
          break;
        }
        case when:
          if (place == 0 || load<u8>(place) != yes) row = load<u32>(row, 24) - rowSize;
          break;
        case comma:
          // No value ends in a brace that opens.
          if (load<u8>(to - 1) != 0x7b) {
            store<u8>(to, 0x2c);
            to++;
          }
          break;
        case nothing:
          break;
        case jsonBase64:
          to = putBase64(place, to);
          break;
        default:
          return exception;
      }
    }
    if (to <= turned) return to;
  }
  return to;
}

function isNil(place: u32): bool {
  return place == 0 || load<u8>(place) == nil;
}
