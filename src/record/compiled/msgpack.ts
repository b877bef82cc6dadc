import { countAt, headerSize } from '../msgpack/check.ts';
import { nil } from '../msgpack/codes.ts';
import { locateText, readFloat } from '../msgpack/read.ts';
import { slotOf } from '../slots.ts';
import { createSpan } from '../span.ts';
import { localZone } from '../time/local-zone.ts';
import { putAscii } from './number.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

/** Offset of the value in the record; 0 where it is missing. */
const placeOf = ({ slots, base }: Row, slot: number): number => slots[base + slot] as number;

const span = createSpan();

/** Values as MessagePack holds them. What is common is read here, all else by the record itself. */
export const msgpackSource: Source = {
  isSet(field) {
    const slot = slotOf[field];
    return (row) => row.bytes[placeOf(row, slot)] === 0xc3;
  },

  isNull(field) {
    const slot = slotOf[field];
    return (row) => {
      const at = placeOf(row, slot);
      return at === 0 || row.bytes[at] === nil;
    };
  },

  text: (slot, copy) => (row, out, to) => {
    const at = placeOf(row, slot);
    const code = row.bytes[at] as number;
    if (at === 0) return copy(row, 0, 0, out, to);
    if ((code & 0xe0) === 0xa0) return copy(row, at + 1, at + 1 + (code & 0x1f), out, to);
    if (code === 0xd9) return copy(row, at + 2, at + 2 + (row.bytes[at + 1] as number), out, to);
    locateText(row.bytes, at, span);
    return copy(row, span.start, span.end, out, to);
  },

  integer(field, put) {
    const slot = slotOf[field];
    return (row, out, to) => {
      const { bytes } = row;
      const at = placeOf(row, slot);
      if (at === 0) return put(0, out, to);
      const code = bytes[at] as number;
      if (code < 0x80) return put(code, out, to);
      if (code === 0xcc) return put(bytes[at + 1] as number, out, to);
      if (code === 0xcd) return put(row.view.getUint16(row.origin + at + 1), out, to);
      return put(row.integer(field), out, to);
    };
  },

  float(field, put) {
    const slot = slotOf[field];
    return (row, out, to) => {
      const at = placeOf(row, slot);
      return put(at === 0 ? 0 : readFloat(row.bytes, at), out, to);
    };
  },

  time(field, put) {
    const slot = slotOf[field];
    return (row, out, to) => {
      const { bytes, view } = row;
      const at = placeOf(row, slot);
      // The years 1970 to 2106 and a fraction of no or nine digits.
      if (at !== 0 && bytes[at + 1] === 0xce) {
        const secondsAt = row.origin + at + 2;
        const code = bytes[at + 6] as number;
        const nanos = code === 0xce ? view.getUint32(secondsAt + 5) : code;
        if (nanos < 0x80 || (code === 0xce && nanos < 1_000_000_000)) {
          return put(view.getUint32(secondsAt), nanos, localZone(), out, to);
        }
      }
      const { seconds, nanos, zone } = row.time(field);
      return put(seconds, nanos, zone, out, to);
    };
  },

  list: (slot, copy, joint) => (row, out, to) => {
    const { bytes } = row;
    const place = placeOf(row, slot);
    if (place === 0 || bytes[place] === nil) return putAscii(joint.nil, out, to);
    let next = putAscii(joint.before, out, to);
    let at = place + headerSize(bytes[place] as number);
    for (let index = 0, count = countAt(bytes, place); index < count; index++) {
      if (index > 0) out.buffer[next++] = joint.between;
      const code = bytes[at] as number;
      if ((code & 0xe0) === 0xa0) {
        span.start = at + 1;
        span.end = at + 1 + (code & 0x1f);
      } else locateText(bytes, at, span);
      next = copy(row, span.start, span.end, out, next);
      if (next < 0) return next;
      at = span.end;
    }
    return putAscii(joint.after, out, next);
  },
};
