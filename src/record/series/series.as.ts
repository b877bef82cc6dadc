/**
 * Finds, for many records of MessagePack, the places of the series that they belong to: each text of a label becomes a number, and the
 * numbers of a series' labels lead to its place. The language is AssemblyScript, as in ../msgpack/range/range.as.ts. The host lays
 * records, sources and metrics out (series-finder.ts), and sees to it that there are 16 bytes of memory behind each table of bytes.
 *
 * It remembers as much as the tables hold; when one is full it is emptied. Nothing is looked for in more than 16 places, whatever
 * texts somebody has chosen. What it does not know the host has to find: a miss.
 */

/** By first byte the size of the length of a text; the host writes them there once. */
export const textWidthsAt: u32 = 1024;
/** The host's own from here on. */
export const freeAt: u32 = 1280;

/** Numbers given to texts so far. */
export let given: u32 = 0;
/** The metric whose series is the miss. */
export let missed: u32 = 0;

// A source: its kind, its slot, the slot of the flag without which it is 0 (or -1), then its texts: a table of entries by hash, that
// table's size less one, the entries, how many they are, how many there may be, their bytes, where those end, where they must; and
// which bits of a hash count: tests take few.
const sourceSize: u32 = 64;
// A text: its hash, where its bytes are, its size, its number.
const textShift: u32 = 4;
const longest: u32 = 1024;
// A metric: how many labels it has, the offsets of their numbers in a row, the slot of the flag that it takes (or -1), then its series: a
// table, its size less one, the entries, how many they are, how many there may be. An entry: the numbers, and the place.
const metricSize: u32 = 64;

// Kinds of sources.
const text: u32 = 0;
const integer: u32 = 1;

const steps: u32 = 16;
const miss: u32 = 0xffff_ffff;
const yes: u32 = 0xc3;

/**
 * Of the records from `first` to before `last`, of which the first already has its numbers and the series of the metrics before `metric`
 * unless that is 0. Each gets a row: the place of its series of each metric, 0 where it does not count, and the number of each source.
 * Gives the record at which there is a miss; `last`: there is none.
 */
export function find(
  sources: u32,
  sourceCount: u32,
  metrics: u32,
  metricCount: u32,
  places: u32,
  first: u32,
  metric: u32,
  last: u32,
  rows: u32,
): u32 {
  const width = (sourceCount + metricCount) << 2;
  let from = metric;
  for (let index = first; index < last; index++) {
    const place = places + (index << 4);
    const origin = load<u32>(place);
    const slots = load<u32>(place, 8);
    const row = rows + index * width;
    const numbers = row + (metricCount << 2);
    if (from == 0)
      for (let each: u32 = 0; each < sourceCount; each++)
        store<u32>(numbers + (each << 2), numberOf(sources + each * sourceSize, origin, slots));
    for (let each = from; each < metricCount; each++) {
      const at = placeOf(metrics + each * metricSize, origin, slots, numbers);
      if (at == miss) {
        missed = each;
        return index;
      }
      store<u32>(row + (each << 2), at);
    }
    from = 0;
  }
  return last;
}

/** Remembers the place of a series under these numbers. */
export function keep(metric: u32, numbers: u32, place: u32): void {
  if (load<u32>(metric, 24) << 1 > load<u32>(metric, 16)) makeRoom(metric);
  const count = load<u32>(metric, 24);
  const width = load<u32>(metric);
  const entry = load<u32>(metric, 20) + count * ((width + 1) << 2);
  const offsets = load<u32>(metric, 4);
  for (let each: u32 = 0; each < width; each++)
    store<u32>(entry + (each << 2), load<u32>(numbers + load<u32>(offsets + (each << 2))));
  store<u32>(entry + (width << 2), place);
  store<u32>(metric, count + 1, 24);
  enter(load<u32>(metric, 12), load<u32>(metric, 16), hashOfEntry(entry, width), count + 1);
}

export function forgetSeries(metric: u32): void {
  memory.fill(load<u32>(metric, 12), 0, (load<u32>(metric, 16) + 1) << 2);
  store<u32>(metric, 0, 24);
}

export function forgetTexts(source: u32): void {
  memory.fill(load<u32>(source, 12), 0, (load<u32>(source, 16) + 1) << 2);
  store<u32>(source, 0, 24);
  store<u32>(source, load<u32>(source, 32), 36);
}

/** After that the numbers begin anew: nothing may be remembered. */
export function beginAnew(): void {
  given = 0;
}

function isSet(slot: i32, origin: u32, slots: u32): bool {
  const offset = load<u32>(slots + (slot << 2));
  return offset != 0 && load<u8>(origin + offset) == yes;
}

/** Equal numbers mean equal values; below 0 there is none. */
function numberOf(source: u32, origin: u32, slots: u32): i32 {
  const kind = load<u32>(source);
  if (kind > integer) return -1;
  const flag = load<i32>(source, 8);
  if (flag >= 0 && !isSet(flag, origin, slots)) return 0;
  const offset = load<u32>(slots + (load<u32>(source, 4) << 2));
  if (kind == integer) return offset == 0 ? 0 : integerAt(origin + offset);
  if (offset == 0) return numberOfText(source, origin, 0);
  const place = origin + offset;
  const code = <u32>load<u8>(place);
  if ((code & 0xe0) == 0xa0) return numberOfText(source, place + 1, code & 0x1f);
  if (code == 0xd9) return numberOfText(source, place + 2, load<u8>(place, 1));
  if (code == 0xda) return numberOfText(source, place + 3, bswap<u16>(load<u16>(place, 1)));
  return ++given;
}

/** What fits into 31 bits is a number by itself. */
function integerAt(place: u32): i32 {
  const code = <u32>load<u8>(place);
  if (code < 0x80) return code;
  if (code == 0xcc) return load<u8>(place, 1);
  if (code == 0xcd) return bswap<u16>(load<u16>(place, 1));
  const value = code == 0xce || code == 0xd2 ? bswap<u32>(load<u32>(place, 1)) : miss;
  return value < 0x8000_0000 ? value : -1;
}

function numberOfText(source: u32, start: u32, size: u32): i32 {
  if (size > longest) return ++given;
  const hash = hashOf(start, size) & load<u32>(source, 44);
  const table = load<u32>(source, 12);
  const mask = load<u32>(source, 16);
  const entries = load<u32>(source, 20);
  for (let step: u32 = 0; step < steps; step++) {
    const number = load<u32>(table + (((hash + step) & mask) << 2));
    if (number == 0) return keepText(source, start, size, hash);
    const entry = entries + ((number - 1) << textShift);
    if (
      load<u32>(entry) == hash &&
      load<u32>(entry, 8) == size &&
      isSame(load<u32>(entry, 4), start, size)
    )
      return load<u32>(entry, 12);
  }
  return ++given;
}

function keepText(source: u32, start: u32, size: u32, hash: u32): u32 {
  const full =
    load<u32>(source, 24) == load<u32>(source, 28) ||
    load<u32>(source, 36) + size > load<u32>(source, 40);
  if (full) forgetTexts(source);
  else if (load<u32>(source, 24) << 1 > load<u32>(source, 16)) growTexts(source);
  const count = load<u32>(source, 24);
  const entry = load<u32>(source, 20) + (count << textShift);
  const at = load<u32>(source, 36);
  for (let offset: u32 = 0; offset < size; offset += 16)
    v128.store(at + offset, v128.load(start + offset));
  store<u32>(source, at + size, 36);
  given++;
  store<u32>(entry, hash);
  store<u32>(entry, at, 4);
  store<u32>(entry, size, 8);
  store<u32>(entry, given, 12);
  store<u32>(source, count + 1, 24);
  enter(load<u32>(source, 12), load<u32>(source, 16), hash, count + 1);
  return given;
}

/** Half of the table is in use: it becomes twice as large, which there is room for. */
function growTexts(source: u32): void {
  const table = load<u32>(source, 12);
  const mask = (load<u32>(source, 16) << 1) | 1;
  store<u32>(source, mask, 16);
  memory.fill(table, 0, (mask + 1) << 2);
  const count = load<u32>(source, 24);
  const entries = load<u32>(source, 20);
  for (let each: u32 = 0; each < count; each++)
    enter(table, mask, load<u32>(entries + (each << textShift)), each + 1);
}

/** The same for series, which are forgotten once there are as many as there may be. */
function makeRoom(metric: u32): void {
  const count = load<u32>(metric, 24);
  if (count == load<u32>(metric, 28)) {
    forgetSeries(metric);
    return;
  }
  const table = load<u32>(metric, 12);
  const mask = (load<u32>(metric, 16) << 1) | 1;
  store<u32>(metric, mask, 16);
  memory.fill(table, 0, (mask + 1) << 2);
  const width = load<u32>(metric);
  let entry = load<u32>(metric, 20);
  for (let each: u32 = 1; each <= count; each++, entry += (width + 1) << 2)
    enter(table, mask, hashOfEntry(entry, width), each);
}

/** What finds no place is forgotten. */
function enter(table: u32, mask: u32, hash: u32, number: u32): void {
  for (let step: u32 = 0; step < steps; step++) {
    const place = table + (((hash + step) & mask) << 2);
    if (load<u32>(place) != 0) continue;
    store<u32>(place, number);
    return;
  }
}

/** Where the record's series is; 0: it does not count. A miss also where a label has no number. */
function placeOf(metric: u32, origin: u32, slots: u32, numbers: u32): u32 {
  const flag = load<i32>(metric, 8);
  if (flag >= 0 && !isSet(flag, origin, slots)) return 0;
  const width = load<u32>(metric);
  const offsets = load<u32>(metric, 4);
  let hash = width;
  for (let each: u32 = 0; each < width; each++) {
    const number = load<i32>(numbers + load<u32>(offsets + (each << 2)));
    if (number < 0) return miss;
    hash = mixed(hash, number);
  }
  const table = load<u32>(metric, 12);
  const mask = load<u32>(metric, 16);
  const entries = load<u32>(metric, 20);
  for (let step: u32 = 0; step < steps; step++) {
    const number = load<u32>(table + (((hash + step) & mask) << 2));
    if (number == 0) return miss;
    const entry = entries + (number - 1) * ((width + 1) << 2);
    let each: u32 = 0;
    while (
      each < width &&
      load<u32>(entry + (each << 2)) == load<u32>(numbers + load<u32>(offsets + (each << 2)))
    )
      each++;
    if (each == width) return load<u32>(entry + (width << 2));
  }
  return miss;
}

function hashOfEntry(entry: u32, width: u32): u32 {
  let hash = width;
  for (let each: u32 = 0; each < width; each++) hash = mixed(hash, load<u32>(entry + (each << 2)));
  return hash;
}

function mixed(hash: u32, number: u32): u32 {
  const next = (hash ^ number) * 0x9e37_79b1;
  return next ^ (next >> 15);
}

/** Eight bytes at a time, of which the last may overlap those before. */
function hashOf(start: u32, size: u32): u32 {
  let hash: u64 = size;
  if (size >= 8) {
    const last = start + size - 8;
    for (let at = start; at < last; at += 8) hash = mixedWord(hash, load<u64>(at));
    hash = mixedWord(hash, load<u64>(last));
  } else hash = mixedWord(hash, size == 0 ? 0 : load<u64>(start) << (64 - (size << 3)));
  // A bit changes those above it alone: the highest depend on all.
  return <u32>((hash * 0x9e37_79b9_7f4a_7c15) >> 32);
}

function mixedWord(hash: u64, word: u64): u64 {
  const next = (hash ^ word) * 0x9e37_79b9_7f4a_7c15;
  return next ^ (next >> 32);
}

function isSame(one: u32, other: u32, size: u32): bool {
  let at: u32 = 0;
  for (; at + 16 <= size; at += 16)
    if (v128.any_true(v128.xor(v128.load(one + at), v128.load(other + at)))) return false;
  const same = i8x16.bitmask(i8x16.eq(v128.load(one + at), v128.load(other + at)));
  const rest = (1 << (size - at)) - 1;
  return (same & rest) == rest;
}
