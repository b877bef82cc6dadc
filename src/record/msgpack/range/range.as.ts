/**
 * The scanner of usual records (../usual.ts) over a whole range, 16 bytes at a time. The language is AssemblyScript, WebAssembly in
 * the words of TypeScript: a `u32` is a place in its memory, `load<u8>(p)` the byte there. `npm run scanner` compiles it to
 * range-code.ts; range-tables.ts lays out what it compares with.
 *
 * Nothing is allocated, and the host has seen to it that there are 16 bytes of memory behind the last record. A function gives the
 * place after what it stepped over, or 0: it is unusual. A place is looked at only after it was found to lie within the record;
 * where a value ends beyond, the next key does, too. What it takes ../usual.ts takes with the same places, and a property holds
 * both to that; it may take less.
 */

/** By first byte the size of an integer and of a float, the host writes them there once; 0: none. */
export const integersAt: u32 = 1024;
export const floatsAt: u32 = 1280;
/** The host's tables lie from here on. */
export const tablesAt: u32 = 2048;

// A struct: how many fields it has, the size of its empty form and where that is, where its rows are.
// A row: the size of its key, its kind, its slot, its struct; from 16 on the key's first bytes, from 32 on which of them count, from
// 48 on the last 16 bytes of a longer key.
const rowShift: u32 = 6;

// Kinds of ../layout.ts; of texts and integers most values are, and all that are not named here are nil.
const text: u32 = 0;
const integer: u32 = 1;
const float: u32 = 2;
const flag: u32 = 3;
const time: u32 = 4;
const textList: u32 = 5;
const textMap: u32 = 6;
const textListMap: u32 = 7;
const errors: u32 = 8;
const struct: u32 = 15;

const nil: u32 = 0xc0;

/** `Message` and `Path`, the keys of an error, each with the byte before it. */
const messageKey: u64 = 0x6567_6173_7365_4da7;
const pathCode: u32 = 0xa4;
const pathKey: u32 = 0x6874_6150;

/**
 * Scans `count` records, whose offsets from `input` and sizes are at `places`: of each the offsets of its leaves, `width` of them, are
 * written from `slots` on. Those that it did not take have none, and are listed at `left`; gives how many they are.
 */
export function scanRange(
  root: u32,
  input: u32,
  places: u32,
  count: u32,
  slots: u32,
  width: u32,
  left: u32,
): u32 {
  const rowSize = width << 2;
  memory.fill(slots, 0, count * rowSize);
  let leftCount: u32 = 0;
  let row = slots;
  for (let index: u32 = 0; index < count; index++, row += rowSize) {
    const place = places + (index << 3);
    const origin = input + load<u32>(place);
    const end = origin + load<u32>(place, 4);
    const at = afterMap(root, origin, end, origin, row);
    if (at != 0 && at <= end) continue;
    memory.fill(row, 0, rowSize);
    store<u32>(left + (leftCount << 2), index);
    leftCount++;
  }
  return leftCount;
}

function afterMap(table: u32, start: u32, end: u32, origin: u32, slots: u32): u32 {
  if (start + 3 > end) return 0;
  const code = <u32>load<u8>(start);
  let at = start + 1;
  let rest = code & 0x0f;
  if (code == 0xde) {
    rest = size16(at);
    at += 2;
  } else if ((code & 0xf0) != 0x80) return 0;

  let row = load<u32>(table, 12);
  const last = row + (load<u32>(table) << rowShift);
  for (; rest > 0; rest--, row += 1 << rowShift) {
    if (row == last) return 0;
    while (!isKey(row, at, end)) {
      row += 1 << rowShift;
      if (row == last) return 0;
    }
    at += load<u32>(row);
    const kind = load<u32>(row, 4);
    if (kind == struct) {
      const inner = load<u32>(row, 12);
      at = isEmpty(inner, at, end)
        ? at + load<u32>(inner, 4)
        : afterMap(inner, at, end, origin, slots);
      if (at == 0) return 0;
      continue;
    }
    const slot = load<i32>(row, 8);
    const first = <u32>load<u8>(at);
    // A nil for a list of texts is no value.
    if (slot >= 0 && (first != nil || kind != textList))
      store<u32>(slots + (slot << 2), at - origin);
    if (kind == text) {
      if ((first & 0xe0) == 0xa0) at += 1 + (first & 0x1f);
      else at = afterLongText(at, end);
    } else if (kind == integer) {
      const size = <u32>load<u8>(integersAt + first);
      at = size == 0 ? 0 : at + size;
    } else {
      at = afterOther(kind, at, end);
    }
    if (at == 0) return 0;
  }
  return at;
}

/** Whether the key of the row is here, with at least one byte behind it. */
function isKey(row: u32, at: u32, end: u32): bool {
  const size = load<u32>(row);
  if (at + size >= end) return false;
  const head = v128.xor(v128.load(at), v128.load(row, 16));
  if (v128.any_true(v128.and(head, v128.load(row, 32)))) return false;
  return size <= 16 || isSame(at + size - 16, row + 48);
}

/** Whether the struct is here with nothing in it: then all of it is as if it were missing. */
function isEmpty(table: u32, at: u32, end: u32): bool {
  const size = load<u32>(table, 4);
  if (at + size > end) return false;
  const form = load<u32>(table, 8);
  if (size < 16) {
    for (let offset: u32 = 0; offset < size; offset++)
      if (load<u8>(at + offset) != load<u8>(form + offset)) return false;
    return true;
  }
  for (let offset: u32 = 0; offset + 16 < size; offset += 16)
    if (!isSame(at + offset, form + offset)) return false;
  return isSame(at + size - 16, form + size - 16);
}

function isSame(a: u32, b: u32): bool {
  return !v128.any_true(v128.xor(v128.load(a), v128.load(b)));
}

function size16(at: u32): u32 {
  return ((<u32>load<u8>(at)) << 8) | load<u8>(at, 1);
}

function afterOther(kind: u32, at: u32, end: u32): u32 {
  const first = <u32>load<u8>(at);
  if (kind == flag) return (first & 0xfe) == 0xc2 ? at + 1 : 0;
  if (kind == float) {
    const size = <u32>load<u8>(floatsAt + first);
    return size == 0 ? 0 : at + size;
  }
  if (kind == time) return first == 0x92 ? afterTime(at + 1, end) : 0;
  const list = (first & 0xf0) == 0x90;
  const map = (first & 0xf0) == 0x80;
  const count = first & 0x0f;
  if (kind == textList && list) return afterTexts(at + 1, end, count);
  if (kind == textMap && map) return afterTexts(at + 1, end, 2 * count);
  if (kind == textListMap && map) return afterLists(at + 1, end, count);
  if (kind == errors && list) return afterErrors(at + 1, end, count);
  return first == nil ? at + 1 : 0;
}

/** The two numbers of a time. No record ends with one, so the longest form may be asked to fit. */
function afterTime(at: u32, end: u32): u32 {
  if (at + 18 > end) return 0;
  const seconds = <u32>load<u8>(integersAt + load<u8>(at));
  const nanos = <u32>load<u8>(integersAt + load<u8>(at + seconds));
  return seconds == 0 || nanos == 0 ? 0 : at + seconds + nanos;
}

/** A text whose length is not in its first byte. */
function afterLongText(at: u32, end: u32): u32 {
  const code = <u32>load<u8>(at);
  if (code == nil) return at + 1;
  if (at + 4 >= end) return 0;
  if (code == 0xd9) return at + 2 + load<u8>(at, 1);
  return code == 0xda ? at + 3 + size16(at + 1) : 0;
}

function afterTexts(start: u32, end: u32, count: u32): u32 {
  let at = start;
  for (let rest = count; rest > 0; rest--) {
    if (at >= end) return 0;
    const code = <u32>load<u8>(at);
    at = (code & 0xe0) == 0xa0 ? at + 1 + (code & 0x1f) : afterLongText(at, end);
    if (at == 0) return 0;
  }
  return at;
}

/** Lists of texts, each behind a text. */
function afterLists(start: u32, end: u32, count: u32): u32 {
  let at = start;
  for (let rest = count; rest > 0; rest--) {
    at = afterTexts(at, end, 1);
    if (at == 0 || at >= end) return 0;
    const code = <u32>load<u8>(at);
    at++;
    if (code == nil) continue;
    if ((code & 0xf0) != 0x90) return 0;
    at = afterTexts(at, end, code & 0x0f);
    if (at == 0) return 0;
  }
  return at;
}

/** Errors, each a message and a path of texts and integers. */
function afterErrors(start: u32, end: u32, count: u32): u32 {
  let at = start;
  for (let rest = count; rest > 0; rest--) {
    if (at + 9 >= end || load<u8>(at) != 0x82 || load<u64>(at, 1) != messageKey) return 0;
    at = afterTexts(at + 9, end, 1);
    if (at == 0 || at + 5 >= end || load<u8>(at) != pathCode || load<u32>(at, 1) != pathKey)
      return 0;
    at += 5;
    const code = <u32>load<u8>(at);
    at++;
    if (code == nil) continue;
    if ((code & 0xf0) != 0x90) return 0;
    at = afterScalars(at, end, code & 0x0f);
    if (at == 0) return 0;
  }
  return at;
}

function afterScalars(start: u32, end: u32, count: u32): u32 {
  let at = start;
  for (let rest = count; rest > 0; rest--) {
    if (at >= end) return 0;
    const size = <u32>load<u8>(integersAt + load<u8>(at));
    at = size == 0 ? afterTexts(at, end, 1) : at + size;
    if (at == 0) return 0;
  }
  return at;
}
