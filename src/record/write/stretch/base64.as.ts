/** What a text of base64 holds, as JSON. As ../../base64.ts decodes it; an exception for all that is not plain. */
import { exception } from './tables.as';
import { putJson, textSize, textStart } from './texts.as';

const none: u32 = 0xff;
const padding: u32 = 0x3d;

/** What it holds is put down behind the room that its JSON takes at most. */
export function putBase64(place: u32, start: u32): u32 {
  store<u8>(start, 0x22);
  let to = start + 1;
  const size = place == 0 ? 0 : textSize(place);
  if (size != 0) {
    // Of four bytes three, each of which becomes six.
    const held = to + 5 * size + 32;
    const end = decode(textStart(place), size, held);
    if (end == exception) return exception;
    to = putJson(held, end - held, to);
  }
  store<u8>(to, 0x22);
  return to + 1;
}

/** The alphabet alone, in whole quanta, padded at the end. Gives the place behind the bytes. */
function decode(start: u32, size: u32, begin: u32): u32 {
  if ((size & 3) != 0) return exception;
  // The last quantum may be padded.
  const last = start + size - 4;
  let at = start;
  let to = begin;
  for (; at + 16 <= last; at += 16, to += 12) {
    const v = v128.load(at);
    const upper = v128.and(i8x16.gt_s(v, i8x16.splat(0x40)), i8x16.lt_s(v, i8x16.splat(0x5b)));
    const lower = v128.and(i8x16.gt_s(v, i8x16.splat(0x60)), i8x16.lt_s(v, i8x16.splat(0x7b)));
    const digit = v128.and(i8x16.gt_s(v, i8x16.splat(0x2f)), i8x16.lt_s(v, i8x16.splat(0x3a)));
    const plus = i8x16.eq(v, i8x16.splat(0x2b));
    const slash = i8x16.eq(v, i8x16.splat(0x2f));
    const letters = v128.or(upper, lower);
    if (!i8x16.all_true(v128.or(v128.or(letters, digit), v128.or(plus, slash)))) return exception;
    const shift = v128.or(
      v128.or(v128.and(upper, i8x16.splat(-65)), v128.and(lower, i8x16.splat(-71))),
      v128.or(
        v128.and(digit, i8x16.splat(4)),
        v128.or(v128.and(plus, i8x16.splat(19)), v128.and(slash, i8x16.splat(16))),
      ),
    );
    const sixes = i8x16.add(v, shift);
    // Of each four of six bits one of 24, the first of them its highest.
    const firsts = i16x8.shl(v128.and(sixes, i16x8.splat(0xff)), 6);
    const twelves = v128.or(firsts, i16x8.shr_u(sixes, 8));
    const whole = v128.or(
      i32x4.shl(v128.and(twelves, i32x4.splat(0xffff)), 12),
      i32x4.shr_u(twelves, 16),
    );
    v128.store(
      to,
      i8x16.swizzle(whole, i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)),
    );
  }
  for (; at < last; at += 4, to += 3) {
    const bits = quantum(at, 4);
    if (bits == exception) return exception;
    putBits(bits, to);
  }
  const count: u32 = load<u8>(at, 3) != padding ? 4 : load<u8>(at, 2) != padding ? 3 : 2;
  const bits = quantum(at, count);
  if (bits == exception) return exception;
  putBits(bits, to);
  return to + count - 1;
}

/** The bits of the first `count` of four, shifted up by eight, so that no exception looks like them. */
function quantum(at: u32, count: u32): u32 {
  let bits: u32 = 0;
  for (let index: u32 = 0; index < 4; index++) {
    const value = index < count ? valueOf(load<u8>(at + index)) : 0;
    if (value == none) return exception;
    bits = (bits << 6) | value;
  }
  return bits << 8;
}

function putBits(bits: u32, to: u32): void {
  store<u32>(to, bswap<u32>(bits));
}

function valueOf(code: u32): u32 {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x47;
  if (code >= 0x30 && code <= 0x39) return code + 4;
  if (code == 0x2b) return 62;
  return code == 0x2f ? 63 : none;
}
