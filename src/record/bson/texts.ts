import { putDigits } from '../../lib/digits.ts';
import { headerSize } from '../msgpack/check.ts';
import { nil } from '../msgpack/codes.ts';
import { listPlaces, wireTypes } from '../protobuf/layout.ts';
import { slotOf } from '../slots.ts';
import { isValidUtf8 } from '../utf8.ts';
import * as msgpack from '../write/msgpack.ts';
import { gaveUp } from '../write/number.ts';
import { copyBytes } from '../write/plain-text.ts';
import * as protobuf from '../write/protobuf.ts';
import type { Row } from '../write/row.ts';
import { elementTypes } from './element.ts';

/** Lists of more texts are left to the interpreter: their room would have to be asked for every time. */
const mostTexts = 99;

/** Room that a list takes besides its texts: a type, two digits, a NUL, a size and a NUL for each. */
export const listRoom = mostTexts * 9 + 8;

/** Writes a list: of MessagePack, or the tags of protobuf, of which there are `tagCount`. Gives up for a long one. */
export function putTexts(
  row: Row,
  place: number,
  isMsgpack: boolean,
  tagCount: number,
  data: DataView,
  to: number,
): number {
  const { view } = row;
  const count = place === 0 ? 0 : isMsgpack ? msgpack.countAt(view, place) : tagCount;
  if (count < 0 || count > mostTexts) return gaveUp;
  let at = place !== 0 && isMsgpack ? place + headerSize(view.getUint8(place)) : place;
  let next = to + 4;
  for (let index = 0; index < count; index++) {
    if (index > 0 && !isMsgpack) {
      // Gateways write tags one behind the other; others may have put another field between them.
      if (view.getUint16(at) !== tagOfTags) return gaveUp;
      at += 2;
    }
    const start = isMsgpack ? msgpack.textStart(view, at) : protobuf.textStart(view, at);
    const size = isMsgpack ? msgpack.textSize(view, at) : protobuf.textSize(view, at);
    data.setUint8(next, elementTypes.text);
    next = putDigits(index, data, next + 1);
    data.setUint8(next, 0);
    next = putText(row, start, size, data, next + 1);
    at = start + size;
  }
  return closed(data, to, next);
}

/**
 * Writes a map of MessagePack with one name at most, as gateways give the place of a call; protobuf has none. Gives up for
 * more, of which the last of a name wins, and for what is no UTF-8, which becomes something else in a map than in a text.
 */
export function putNames(row: Row, place: number, data: DataView, to: number): number {
  const { region, view } = row;
  const code = place === 0 ? nil : view.getUint8(place);
  if (code !== nil && code !== 0x80 && code !== 0x81) return gaveUp;
  if (code !== 0x81) return closed(data, to, to + 4);
  const [keyStart, keySize] = [
    msgpack.textStart(view, place + 1),
    msgpack.textSize(view, place + 1),
  ];
  const name = keyStart + keySize;
  const [start, size] = [msgpack.textStart(view, name), msgpack.textSize(view, name)];
  if (!isValidUtf8(region, keyStart, name) || !isValidUtf8(region, start, start + size))
    return gaveUp;
  if (region.subarray(keyStart, name).includes(0)) return gaveUp;
  data.setUint8(to + 4, elementTypes.text);
  let next = keySize === 0 ? to + 5 : copyBytes(row, keyStart, keySize, data, to + 5);
  data.setUint8(next, 0);
  next = putText(row, start, size, data, next + 1);
  return closed(data, to, next);
}

/** With its size and its NUL; gives the offset after it. */
export function putText(row: Row, start: number, size: number, data: DataView, to: number): number {
  data.setInt32(to, size + 1, true);
  const next = size === 0 ? to + 4 : copyBytes(row, start, size, data, to + 4);
  data.setUint8(next, 0);
  return next + 1;
}

/** Ends the document that began at `start`; gives the offset after it. */
export function closed(data: DataView, start: number, end: number): number {
  data.setUint8(end, 0);
  data.setInt32(start, end + 1 - start, true);
  return end + 1;
}

/** The two bytes of the varint before each tag. */
const number = (listPlaces[slotOf.tags]?.number ?? 0) * 8 + wireTypes.bytes;
const tagOfTags = (((number & 0x7f) | 0x80) << 8) | (number >> 7);
