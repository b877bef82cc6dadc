import { isFixedText, nil, textLengthSizes } from '../msgpack/codes.ts';

/** Values as MessagePack holds them, which the scanner has passed: from the place of their first byte in the region. */

export function textStart(view: DataView, place: number): number {
  const code = view.getUint8(place);
  return isFixedText(code) ? place + 1 : place + 1 + (textLengthSizes[code] as number);
}

export function textSize(view: DataView, place: number): number {
  const code = view.getUint8(place);
  if (isFixedText(code)) return code & 0x1f;
  const width = textLengthSizes[code] as number;
  if (width === 1) return view.getUint8(place + 1);
  if (width === 2) return view.getUint16(place + 1);
  return width === 4 ? view.getUint32(place + 1) : 0;
}

/** NaN where it is not exact. */
export function numberAt(view: DataView, place: number): number {
  const code = view.getUint8(place);
  if (code < 0x80) return code;
  if (code >= 0xe0) return code - 0x100;
  switch (code) {
    case 0xcc:
      return view.getUint8(place + 1);
    case 0xcd:
      return view.getUint16(place + 1);
    case 0xce:
      return view.getUint32(place + 1);
    case 0xd0:
      return view.getInt8(place + 1);
    case 0xd1:
      return view.getInt16(place + 1);
    case 0xd2:
      return view.getInt32(place + 1);
    // The reference takes a uint64 into an int64: above 2⁶³ it wraps.
    case 0xcf:
    case 0xd3:
      return exact(view.getInt32(place + 1) * 0x1_0000_0000 + view.getUint32(place + 5));
    default:
      return 0;
  }
}

const exact = (value: number): number => (Number.isSafeInteger(value) ? value : NaN);

/** NaN also for an integer that is not exact. */
export function floatAt(view: DataView, place: number): number {
  const code = view.getUint8(place);
  if (code === 0xcb) return view.getFloat64(place + 1);
  return code === 0xca ? view.getFloat32(place + 1) : numberAt(view, place);
}

/** Number of texts in a list; below 0 where there are very many of them. */
export function countAt(view: DataView, place: number): number {
  const code = view.getUint8(place);
  if (code === nil) return 0;
  return code < 0xd0 ? code & 0x0f : code === 0xdc ? view.getUint16(place + 1) : -1;
}

export const isSet = (view: DataView, place: number): boolean => view.getUint8(place) === 0xc3;
