import type { FlagField, IntegerField } from '../fields.ts';
import { MsgpackRecord } from '../msgpack/record.ts';
import { ProtobufRecord } from '../protobuf/record.ts';
import type { AnalyticsRecord, Integer } from '../record.ts';
import { slotOf } from '../slots.ts';

/** Reads one integer of many records: the same as `record.integer(field)`, sooner where it is small. */
export function integerReader(field: IntegerField): (record: AnalyticsRecord) => Integer {
  const slot = slotOf[field];
  return (record) => {
    if (record instanceof MsgpackRecord) {
      const { view, origin, slots, base } = record;
      const offset = slots[base + slot] as number;
      if (offset === 0) return 0;
      const code = view.getUint8(origin + offset);
      if (code < 0x80) return code;
      if (code === 0xcc) return view.getUint8(origin + offset + 1);
      if (code === 0xcd) return view.getUint16(origin + offset + 1);
    } else if (record instanceof ProtobufRecord) {
      const { view, origin, slots, base } = record;
      const offset = slots[base + slot] as number;
      if (offset === 0) return 0;
      const low = view.getUint8(origin + offset);
      if (low < 0x80) return low;
      const high = view.getUint8(origin + offset + 1);
      if (high < 0x80) return (low & 0x7f) | (high << 7);
    }
    return record.integer(field);
  };
}

/** Reads one flag of many records: the same as `record.flag(field)`. */
export function flagReader(field: FlagField): (record: AnalyticsRecord) => boolean {
  const slot = slotOf[field];
  return (record) => {
    if (!(record instanceof MsgpackRecord)) return record.flag(field);
    const offset = record.slots[record.base + slot] as number;
    return offset !== 0 && record.view.getUint8(record.origin + offset) === 0xc3;
  };
}
