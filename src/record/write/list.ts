import { headerSize } from '../msgpack/check.ts';
import { listPlaces, wireTypes } from '../protobuf/layout.ts';
import { slotOf } from '../slots.ts';
import { type Kind, kinds } from './kinds.ts';
import * as msgpack from './msgpack.ts';
import { gaveUp } from './number.ts';
import * as protobuf from './protobuf.ts';
import type { Row } from './row.ts';
import { copyText, hasBackslash } from './text.ts';

const [comma, semicolon, space, quote] = [0x2c, 0x3b, 0x20, 0x22];

/** Writes a list that is not nil: a list of MessagePack, or the tags of protobuf, of which there are `tagCount`. */
export function putList(
  kind: Kind,
  row: Row,
  place: number,
  isMsgpack: boolean,
  tagCount: number,
  data: DataView,
  to: number,
): number {
  const { view } = row;
  const isQuoted = kind === kinds.jsonList || kind === kinds.copyList;
  const isBracketed = isQuoted || kind === kinds.goList;
  const between = isQuoted ? comma : kind === kinds.goList ? space : semicolon;
  const item = itemOf(kind);
  const count = isMsgpack ? msgpack.countAt(view, place) : tagCount;
  let at = isMsgpack ? place + headerSize(view.getUint8(place)) : place;
  let next = to;
  if (count < 0) return gaveUp;
  if (isBracketed) data.setUint8(next++, 0x5b);
  for (let index = 0; index < count; index++) {
    if (index > 0) {
      data.setUint8(next++, between);
      if (!isMsgpack) {
        // Gateways write tags one behind the other; others may have put another field between them.
        if (view.getUint16(at) !== tagOfTags) return gaveUp;
        at += 2;
      }
    }
    const start = isMsgpack ? msgpack.textStart(view, at) : protobuf.textStart(view, at);
    const size = isMsgpack ? msgpack.textSize(view, at) : protobuf.textSize(view, at);
    if (isQuoted) data.setUint8(next++, quote);
    if (size > 0) next = copyText(item, row, start, size, data, next);
    if (next < 0) return gaveUp;
    if (isQuoted) data.setUint8(next++, quote);
    at = start + size;
  }
  if (isBracketed) data.setUint8(next++, 0x5d);
  if (kind === kinds.copyList && hasBackslash(data, to, next)) return gaveUp;
  return next;
}

function itemOf(kind: Kind): Kind {
  if (kind === kinds.jsonList || kind === kinds.copyList) return kinds.jsonText;
  if (kind === kinds.csvList) return kinds.csvItem;
  return kind === kinds.guardedList ? kinds.guardedItem : kinds.plainText;
}

/** The two bytes of the varint before each tag. */
const number = (listPlaces[slotOf.tags]?.number ?? 0) * 8 + wireTypes.bytes;
const tagOfTags = (((number & 0x7f) | 0x80) << 8) | (number >> 7);
