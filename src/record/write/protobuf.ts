/** Values as protobuf holds them, which the scanner has passed: from their first byte in the region, behind the tag. */

/** Behind the length. */
export function textStart(view: DataView, place: number): number {
  let next = place;
  while (view.getUint8(next) >= 0x80) next++;
  return next + 1;
}

export function textSize(view: DataView, place: number): number {
  const first = view.getUint8(place);
  return first < 0x80 ? first : longAt(view, place);
}

/** An integer of 32 bits; NaN for all others. */
export function numberAt(view: DataView, place: number): number {
  const first = view.getUint8(place);
  if (first < 0x80) return first;
  const value = longAt(view, place);
  return value === (value | 0) ? value : NaN;
}

/** NaN where it is not exact. Three parts of 28 bits each: a sum of them is. */
export function longAt(view: DataView, place: number): number {
  let [low, middle, high] = [0, 0, 0];
  for (let index = 0; index < 10; index++) {
    const byte = view.getUint8(place + index);
    const bits = byte & 0x7f;
    if (index < 4) low |= bits << (7 * index);
    else if (index < 8) middle |= bits << (7 * (index - 4));
    else high |= bits << (7 * (index - 8));
    if (byte < 0x80) break;
  }
  // The highest eight bits hold the sign.
  const value = ((high << 24) >> 24) * 2 ** 56 + middle * 2 ** 28 + low;
  return Number.isSafeInteger(value) ? value : NaN;
}

export const floatAt = (view: DataView, place: number): number => view.getFloat64(place, true);

/** A varint of any length that is not 0. */
export function isSet(view: DataView, place: number): boolean {
  for (let at = place; ; at++) {
    const byte = view.getUint8(at);
    if ((byte & 0x7f) !== 0) return true;
    if (byte < 0x80) return false;
  }
}
