import { EditedRecord } from '../edited-record.ts';
import { MsgpackRecord } from '../msgpack/record.ts';
import { ProtobufRecord } from '../protobuf/record.ts';
import type { AnalyticsRecord } from '../record.ts';

/** Where a text lies in a view that may cover more than its record. */
export interface TextPlace {
  view: DataView;
  at: number;
  size: number;
}

export const createPlace = (): TextPlace => ({
  view: new DataView(new ArrayBuffer(0)),
  at: 0,
  size: 0,
});

/**
 * Puts the place of a text into `place`; a missing or cleared one is empty. False where the bytes in the record are not
 * what the text is: an edit cuts or decodes them, or they came in a form that is rare.
 */
export function locateText(record: AnalyticsRecord, slot: number, place: TextPlace): boolean {
  if (record instanceof MsgpackRecord) return locateInMsgpack(record, slot, place);
  if (record instanceof ProtobufRecord) return locateInProtobuf(record, slot, place);
  if (!(record instanceof EditedRecord)) return false;
  const { original, plan } = record;
  if (plan.cleared[slot] === 1) {
    place.size = 0;
    return true;
  }
  return !plan.payloads.some((each) => each.slot === slot) && locateText(original, slot, place);
}

function locateInMsgpack(
  { view, origin, slots, base }: MsgpackRecord,
  slot: number,
  place: TextPlace,
): boolean {
  const offset = slots[base + slot] as number;
  place.view = view;
  place.size = 0;
  if (offset === 0) return true;
  const at = origin + offset;
  const code = view.getUint8(at);
  if ((code & 0xe0) === 0xa0) {
    place.at = at + 1;
    place.size = code & 0x1f;
  } else if (code === 0xd9) {
    place.at = at + 2;
    place.size = view.getUint8(at + 1);
  } else if (code === 0xda) {
    place.at = at + 3;
    place.size = view.getUint16(at + 1);
  } else return false;
  return true;
}

function locateInProtobuf(
  { view, origin, slots, base }: ProtobufRecord,
  slot: number,
  place: TextPlace,
): boolean {
  const offset = slots[base + slot] as number;
  place.view = view;
  place.size = 0;
  if (offset === 0) return true;
  const at = origin + offset;
  const low = view.getUint8(at);
  if (low < 0x80) {
    place.at = at + 1;
    place.size = low;
    return true;
  }
  const high = view.getUint8(at + 1);
  if (high >= 0x80) return false;
  place.at = at + 2;
  place.size = (low & 0x7f) | (high << 7);
  return true;
}
