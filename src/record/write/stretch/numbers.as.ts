/** Numbers and times of MessagePack. */
import { exception, integersAt, monthsAt, nil, triplesAt, turned } from './tables.as';
import { putLiteral } from './texts.as';

/** In place of a number that is not exact, or none. */
export const noNumber: i64 = i64.MIN_VALUE;

/** The cell that is to be turned, and to which second. */
export let turnedCell: u32 = 0;
export let turnedSeconds: f64 = 0;

// A cell: the second it has the text of, its step, the sizes of what stands before and behind the fraction, and these.
export const cellBefore: u32 = 32;
export const cellAfter: u32 = 128;
export const cellSize: u32 = 224;

export function numberAt(place: u32): i64 {
  const code = <u32>load<u8>(place);
  if (code < 0x80) return code;
  if (code >= 0xe0) return <i64>code - 0x100;
  switch (code) {
    case 0xcc:
      return load<u8>(place, 1);
    case 0xcd:
      return bswap<u16>(load<u16>(place, 1));
    case 0xce:
      return bswap<u32>(load<u32>(place, 1));
    case 0xd0:
      return load<i8>(place, 1);
    case 0xd1:
      return bswap<i16>(load<i16>(place, 1));
    case 0xd2:
      return bswap<i32>(load<i32>(place, 1));
    case 0xcf:
    case 0xd3: {
      const value = bswap<i64>(load<i64>(place, 1));
      return value > -0x20_0000_0000_0000 && value < 0x20_0000_0000_0000 ? value : noNumber;
    }
    default:
      return code == nil ? 0 : noNumber;
  }
}

export function putNumber(value: i64, to: u32): u32 {
  if (value >= 0) return putUnsigned(value, to);
  store<u8>(to, 0x2d);
  return putUnsigned(-value, to + 1);
}

export function putUnsigned(value: u64, to: u32): u32 {
  if (value < 1_000) {
    const low = <u32>value;
    const zeros: u32 = low < 10 ? 2 : low < 100 ? 1 : 0;
    store<u32>(to, load<u32>(triplesAt + (low << 2)) >> (zeros << 3));
    return to + 3 - zeros;
  }
  const rest = value <= u32.MAX_VALUE ? <u64>(<u32>value / 1_000) : value / 1_000;
  return putTriple(<u32>(value - rest * 1_000), putUnsigned(rest, to));
}

export function putTriple(value: u32, to: u32): u32 {
  store<u32>(to, load<u32>(triplesAt + (value << 2)));
  return to + 3;
}

export function putMonth(value: u32, to: u32): u32 {
  const name = v128.load(monthsAt + (value << 4));
  v128.store(to, name);
  return to + i8x16.extract_lane_u(name, 15);
}

/** Of a float what is whole; an exception for all that takes more than digits. */
export function putFloat(place: u32, to: u32, isCut: bool): u32 {
  let value: f64 = 0;
  if (place != 0) {
    const code = <u32>load<u8>(place);
    if (code == 0xcb) value = reinterpret<f64>(bswap<u64>(load<u64>(place, 1)));
    else if (code == 0xca) value = reinterpret<f32>(bswap<u32>(load<u32>(place, 1)));
    else {
      const number = numberAt(place);
      if (number == noNumber) return exception;
      value = <f64>number;
    }
  }
  // What is less is unsigned, and what is more has an exponent, sometimes.
  const whole = trunc<f64>(value);
  if (!(whole > -1e9 && whole < 1e9)) return exception;
  if (!isCut) {
    if (whole != value || (value == 0 && reinterpret<u64>(value) != 0)) return exception;
    return putNumber(<i64>whole, to);
  }
  return whole < 0 ? putUnsigned(<u64>(<i64>whole), to) : putNumber(<i64>whole, to);
}

export function putTime(cell: u32, place: u32, start: u32): u32 {
  if (place == 0) return exception;
  const seconds = numberAt(place + 1);
  if (seconds == noNumber) return exception;
  let nanos = numberAt(place + 1 + load<u8>(integersAt + load<u8>(place, 1)));
  if (nanos < 0 || nanos >= 1_000_000_000) return exception;
  if (load<i64>(cell) != seconds) {
    turnedCell = cell;
    turnedSeconds = <f64>seconds;
    return turned;
  }
  const step = <i64>load<u32>(cell, 8);
  if (step > 1) nanos -= nanos % step;
  const to = putFraction(<u32>nanos, putLiteral(cell + cellBefore, load<u32>(cell, 12), start));
  return putLiteral(cell + cellAfter, load<u32>(cell, 16), to);
}

/** With its point and without the zeros at its end; nothing for a whole second. */
export function putFraction(nanos: u32, to: u32): u32 {
  if (nanos == 0) return to;
  const micros = nanos / 1_000;
  const millis = micros / 1_000;
  store<u8>(to, 0x2e);
  let end = putTriple(millis, to + 1);
  end = putTriple(micros - millis * 1_000, end);
  end = putTriple(nanos - micros * 1_000, end);
  while (load<u8>(end - 1) == 0x30) end--;
  return end;
}
