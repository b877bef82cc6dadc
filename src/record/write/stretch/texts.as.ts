/** Texts of MessagePack as JSON and CSV have them, 16 bytes at a time. */
import { escapesAt, exception, textWidthsAt } from './tables.as';

export function putLiteral(from: u32, size: u32, to: u32): u32 {
  for (let at: u32 = 0; at < size; at += 16) v128.store(to + at, v128.load(from + at));
  return to + size;
}

export function textStart(place: u32): u32 {
  const code = <u32>load<u8>(place);
  return (code & 0xe0) == 0xa0 ? place + 1 : place + 1 + load<u8>(textWidthsAt + code);
}

export function textSize(place: u32): u32 {
  const code = <u32>load<u8>(place);
  if ((code & 0xe0) == 0xa0) return code & 0x1f;
  const width = <u32>load<u8>(textWidthsAt + code);
  if (width == 1) return load<u8>(place, 1);
  if (width == 2) return bswap<u16>(load<u16>(place, 1));
  return width == 4 ? bswap<u32>(load<u32>(place, 1)) : 0;
}

/** Of 16 bytes the bits of those that count, of which there are `rest`. */
export function within(marks: i32, rest: u32): u32 {
  return rest < 16 ? <u32>marks & ((1 << rest) - 1) : <u32>marks;
}

/** With Go's escapes, whatever it holds. Copied first, and looked at then. */
export function putJson(start: u32, size: u32, begin: u32): u32 {
  const end = start + size;
  let to = begin;
  for (let at = start; at < end; ) {
    const v = v128.load(at);
    v128.store(to, v);
    // Control characters and all from 0x80 on; `\`; `"` and `&`; `<` and `>`.
    const special = v128.or(
      v128.or(i8x16.lt_s(v, i8x16.splat(0x20)), i8x16.eq(v, i8x16.splat(0x5c))),
      v128.or(
        i8x16.eq(v128.or(v, i8x16.splat(4)), i8x16.splat(0x26)),
        i8x16.eq(v128.or(v, i8x16.splat(2)), i8x16.splat(0x3e)),
      ),
    );
    const marks = within(i8x16.bitmask(special), end - at);
    const plain = marks == 0 ? min<u32>(end - at, 16) : ctz<u32>(marks);
    at += plain;
    to += plain;
    if (marks == 0) continue;
    const code = <u32>load<u8>(at);
    if (code < 0x80) {
      const escape = load<u64>(escapesAt + (code << 3));
      store<u64>(to, escape);
      to += <u32>(escape >> 56);
      at++;
      continue;
    }
    const length = sequence(at, end);
    // U+2028 and U+2029, and U+FFFD for what is no UTF-8.
    const isSeparator = length == 3 && (load<u32>(at) & 0xfe_ffff) == 0xa8_80e2;
    if (length == 0 || isSeparator) {
      store<u32>(to, length == 0 ? 0x6666_755c : 0x3032_755c);
      store<u16>(to, length == 0 ? 0x6466 : load<u8>(at, 2) == 0xa8 ? 0x3832 : 0x3932, 4);
      to += 6;
    } else {
      store<u32>(to, load<u32>(at));
      to += length;
    }
    at += max<u32>(length, 1);
  }
  return to;
}

/** The size of the sequence of UTF-8 there, which is no ASCII; 0: it is none (../../utf8.ts). */
export function sequence(at: u32, end: u32): u32 {
  const first = <u32>load<u8>(at);
  if (first < 0xc2 || first > 0xf4) return 0;
  const size: u32 = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + size > end) return 0;
  const second = <u32>load<u8>(at, 1);
  const low: u32 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const high: u32 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  if (size > 2 && (load<u8>(at, 2) & 0xc0) != 0x80) return 0;
  return size == 4 && (load<u8>(at, 3) & 0xc0) != 0x80 ? 0 : size;
}

export function isUtf8(start: u32, size: u32): bool {
  const end = start + size;
  for (let at = start; at < end; ) {
    const marks = within(i8x16.bitmask(v128.load(at)), end - at);
    if (marks == 0) {
      at += 16;
      continue;
    }
    at += ctz<u32>(marks);
    const length = sequence(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

/** White space of Unicode begins with one of these, and may ask for quotes. */
export function mayBeSpace(first: u32): bool {
  return first == 0xc2 || (first >= 0xe1 && first <= 0xe3);
}

/** 0xef begins the wide forms. */
export function mayBeFormula(first: u32): bool {
  return (
    first == 0x3d ||
    first == 0x2b ||
    first == 0x2d ||
    first == 0x40 ||
    first == 0x09 ||
    first == 0x0d ||
    first == 0x0a ||
    first == 0xef
  );
}

/** What CSV wants quotes for, by place: a comma, a quote, the ends of a line. */
export function quoteMarks(v: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(v, i8x16.splat(0x2c)), i8x16.eq(v, i8x16.splat(0x22))),
      v128.or(i8x16.eq(v, i8x16.splat(0x0a)), i8x16.eq(v, i8x16.splat(0x0d))),
    ),
  );
}

export function putCsv(start: u32, size: u32, to: u32, isGuarded: bool): u32 {
  const first = <u32>load<u8>(start);
  if (mayBeSpace(first) || (isGuarded && mayBeFormula(first))) return exception;
  const isSpace = first == 0x20 || (first >= 0x09 && first <= 0x0d);
  if (isSpace || (size == 2 && first == 0x5c && load<u8>(start, 1) == 0x2e))
    return putQuoted(start, size, to);
  for (let at: u32 = 0; at < size; at += 16) {
    const v = v128.load(start + at);
    v128.store(to + at, v);
    if (within(quoteMarks(v), size - at) != 0) return putQuoted(start, size, to);
  }
  return to + size;
}

export function putQuoted(start: u32, size: u32, begin: u32): u32 {
  const end = start + size;
  store<u8>(begin, 0x22);
  let to = begin + 1;
  for (let at = start; at < end; ) {
    const v = v128.load(at);
    v128.store(to, v);
    const marks = within(i8x16.bitmask(i8x16.eq(v, i8x16.splat(0x22))), end - at);
    const plain = marks == 0 ? min<u32>(end - at, 16) : ctz<u32>(marks);
    at += plain;
    to += plain;
    if (marks == 0) continue;
    store<u16>(to, 0x2222);
    to += 2;
    at++;
  }
  store<u8>(to, 0x22);
  return to + 1;
}

/** Within a list, which has quotes around all of its texts: an exception where there might be any. */
export function putItem(start: u32, size: u32, to: u32, isGuarded: bool): u32 {
  if (size == 0) return to;
  const first = <u32>load<u8>(start);
  if (first <= 0x20 || first == 0x5c || mayBeSpace(first)) return exception;
  if (isGuarded && mayBeFormula(first)) return exception;
  for (let at: u32 = 0; at < size; at += 16) {
    const v = v128.load(start + at);
    v128.store(to + at, v);
    if (within(quoteMarks(v), size - at) != 0) return exception;
  }
  return to + size;
}
