import { ownSlots } from '../protobuf/layout.ts';
import { isSet, locateText } from '../protobuf/read.ts';
import { slotOf } from '../slots.ts';
import { createSpan } from '../span.ts';
import { putAscii } from './number.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

/** Offset of the value in the record; 0 where it is missing. */
const placeOf = ({ slots, base }: Row, slot: number): number => slots[base + slot] as number;

const span = createSpan();

/** Values as protobuf holds them. What is common is read here, all else by the record itself. */
export const protobufSource: Source = {
  isSet(field) {
    const slot = slotOf[field];
    return (row) => {
      const at = placeOf(row, slot);
      return at !== 0 && isSet(row.bytes, at);
    };
  },

  isNull(field) {
    if (field === 'geo.city.names') return () => true;
    return (row) => placeOf(row, ownSlots.graph) === 0;
  },

  text: (slot, copy) => (row, out, to) => {
    const at = placeOf(row, slot);
    if (at === 0) return copy(row, 0, 0, out, to);
    const size = row.bytes[at] as number;
    if (size < 0x80) return copy(row, at + 1, at + 1 + size, out, to);
    locateText(row.bytes, at, span);
    return copy(row, span.start, span.end, out, to);
  },

  integer(field, put) {
    const slot = slotOf[field];
    return (row, out, to) => {
      const at = placeOf(row, slot);
      if (at === 0) return put(0, out, to);
      const first = row.bytes[at] as number;
      if (first < 0x80) return put(first, out, to);
      const second = row.bytes[at + 1] as number;
      if (second < 0x80) return put((first & 0x7f) | (second << 7), out, to);
      return put(row.integer(field), out, to);
    };
  },

  float: (field, put) => (row, out, to) => put(row.float(field), out, to),

  time: (field, put) => (row, out, to) => {
    const { seconds, nanos, zone } = row.time(field);
    return put(seconds, nanos, zone, out, to);
  },

  list: (slot, copy, joint) => (row, out, to) => {
    const texts = row.spans(slot);
    if (texts === undefined) return putAscii(joint.nil, out, to);
    const { count, bounds } = texts;
    let next = putAscii(joint.before, out, to);
    for (let index = 0; index < count; index++) {
      if (index > 0) out.buffer[next++] = joint.between;
      next = copy(row, bounds[2 * index] as number, bounds[2 * index + 1] as number, out, next);
      if (next < 0) return next;
    }
    return putAscii(joint.after, out, next);
  },
};
