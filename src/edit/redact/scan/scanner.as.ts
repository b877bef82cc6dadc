/**
 * What redaction does with every byte, 16 of them at a time: base64 is decoded, and a text is looked over. The language is
 * AssemblyScript, WebAssembly in the words of TypeScript: a `u32` is a place in its memory, `load<u8>(p)` the byte there.
 * Nothing is allocated, and the host has seen to it that there are 16 bytes of memory behind everything that is read or
 * written. `npm run scanner` compiles it to scanner-code.ts. What is looked for,
 * triggers.ts says; look.ts is the same in plain words, and a property holds both to the same answers.
 */

// What the host writes there once, and what it reads after a look: places in the memory, below all texts.

/** For the first, the second and the third letter of a trigger: groups by the lower four bits of a byte, then by the upper. */
export const groupsAt: u32 = 1024;
/** Kinds of bytes by the lower four bits, then by the upper. */
export const kindsAt: u32 = 1120;
/** By byte: which kind of base64's letters it is. */
export const classesAt: u32 = 1152;
/** By byte: its six bits in base64; 255: none. */
export const sixesAt: u32 = 1408;
/** By two letters: whether a trigger begins or ends with them. */
export const pairsAt: u32 = 4096;
/** By three letters, five bits of each: which list of triggers. */
export const listsAt: u32 = 69632;
/** By list: which letters may follow. */
export const nextsAt: u32 = 102400;
/**
 * The answer to a look: how many triggers were found, where the first run of base64's letters begins that is worth reading
 * (the text's size where none is), and which kinds of bytes there are.
 */
export const answerAt: u32 = 1664;
/** Where the last bytes of a text are copied to. */
const tailAt: u32 = 1680;
/** What a look has found: 256 times the place, plus the list. */
export const foundAt: u32 = 106496;
export const mostFound: u32 = 1024;
/** Texts lie from here on. */
export const textsAt: u32 = 131072;

let foundCount: u32 = 0;
let runFrom: u32 = 0;

const begins: u32 = 1;
const ends: u32 = 2;

// Constants of 16 bytes, loaded before a loop: in it the compiler of the runtime would make them anew each time.

const nibbles = memory.data<u8>([15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15]);
/** Bits of `kindsAt` that are kinds of base64's letters; the others are signs of other encodings. */
const letterKinds = memory.data<u8>([
  31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,
]);
/** By the lower and by the upper four bits of a byte: what both have in common tells that it is no letter of base64. */
const lowWrongs = memory.data<u8>([21, 17, 17, 17, 17, 17, 17, 17, 17, 17, 19, 26, 27, 27, 27, 26]);
const highWrongs = memory.data<u8>([16, 16, 1, 2, 4, 8, 4, 8, 16, 16, 16, 16, 16, 16, 16, 16]);
/** By the upper four bits, of `/` one less: what is added to a letter for its six bits. */
const additions = memory.data<u8>([0, 16, 19, 4, 191, 191, 185, 185, 0, 0, 0, 0, 0, 0, 0, 0]);
const slashes = memory.data<u8>([47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47]);
const lowBytes = memory.data<u16>([255, 255, 255, 255, 255, 255, 255, 255]);
const twelveSteps = memory.data<u16>([4096, 1, 4096, 1, 4096, 1, 4096, 1]);
/** The three bytes of each 24 bits, the highest first. */
const threes = memory.data<u8>([2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 255, 255, 255, 255]);

/**
 * Looks over `size` bytes. Of each 16 it asks two tables of 16 entries for the groups of triggers that may have such a byte
 * in their first, their second and their third place: what all three places have in common may be a trigger, and is looked up.
 */
export function look(from: u32, size: u32): void {
  const low0 = v128.load(groupsAt);
  const high0 = v128.load(groupsAt, 16);
  const low1 = v128.load(groupsAt, 32);
  const high1 = v128.load(groupsAt, 48);
  const low2 = v128.load(groupsAt, 64);
  const high2 = v128.load(groupsAt, 80);
  const lowKinds = v128.load(kindsAt);
  const highKinds = v128.load(kindsAt, 16);
  const nibble = v128.load(nibbles);
  const letters = v128.load(letterKinds);
  const none = i8x16.splat(0);
  let before0 = none;
  let before1 = none;
  let seen = none;
  foundCount = 0;
  runFrom = size;
  /** Which of the last 64 bytes are no letters, the first one lowest. */
  let breaks: u64 = -1;
  /** Up to here runs have been read. */
  let read: u32 = 0;
  for (let at: u32 = 0; at < size; at += 32) {
    const p = at + 32 <= size ? from + at : tailOf(from + at, size - at);

    const bytesA = v128.load(p);
    const lowA = v128.and(bytesA, nibble);
    const highA = v128.and(i16x8.shr_u(bytesA, 4), nibble);
    const firstA = v128.and(i8x16.swizzle(low0, lowA), i8x16.swizzle(high0, highA));
    const secondA = v128.and(i8x16.swizzle(low1, lowA), i8x16.swizzle(high1, highA));
    const thirdA = v128.and(i8x16.swizzle(low2, lowA), i8x16.swizzle(high2, highA));
    const kindsA = v128.and(i8x16.swizzle(lowKinds, lowA), i8x16.swizzle(highKinds, highA));
    const allA = v128.and(
      thirdA,
      v128.and(
        i8x16.shuffle(
          before1,
          secondA,
          15,
          16,
          17,
          18,
          19,
          20,
          21,
          22,
          23,
          24,
          25,
          26,
          27,
          28,
          29,
          30,
        ),
        i8x16.shuffle(
          before0,
          firstA,
          14,
          15,
          16,
          17,
          18,
          19,
          20,
          21,
          22,
          23,
          24,
          25,
          26,
          27,
          28,
          29,
        ),
      ),
    );

    const bytesB = v128.load(p, 16);
    const lowB = v128.and(bytesB, nibble);
    const highB = v128.and(i16x8.shr_u(bytesB, 4), nibble);
    const firstB = v128.and(i8x16.swizzle(low0, lowB), i8x16.swizzle(high0, highB));
    const secondB = v128.and(i8x16.swizzle(low1, lowB), i8x16.swizzle(high1, highB));
    const thirdB = v128.and(i8x16.swizzle(low2, lowB), i8x16.swizzle(high2, highB));
    const kindsB = v128.and(i8x16.swizzle(lowKinds, lowB), i8x16.swizzle(highKinds, highB));
    const allB = v128.and(
      thirdB,
      v128.and(
        i8x16.shuffle(
          secondA,
          secondB,
          15,
          16,
          17,
          18,
          19,
          20,
          21,
          22,
          23,
          24,
          25,
          26,
          27,
          28,
          29,
          30,
        ),
        i8x16.shuffle(
          firstA,
          firstB,
          14,
          15,
          16,
          17,
          18,
          19,
          20,
          21,
          22,
          23,
          24,
          25,
          26,
          27,
          28,
          29,
        ),
      ),
    );
    before0 = firstB;
    before1 = secondB;

    seen = v128.or(seen, v128.or(kindsA, kindsB));
    if (v128.any_true(v128.or(allA, allB)))
      lookUp(
        from,
        size,
        at,
        ~(i8x16.bitmask(i8x16.eq(allA, none)) | (i8x16.bitmask(i8x16.eq(allB, none)) << 16)),
      );
    const broken =
      i8x16.bitmask(i8x16.eq(v128.and(kindsA, letters), none)) |
      (i8x16.bitmask(i8x16.eq(v128.and(kindsB, letters), none)) << 16);
    breaks = (breaks >> 32) | ((<u64>(<u32>broken)) << 32);
    // No break among 20 in a row: among 2, 4, 8, 16 and then 4 more.
    let short = breaks | (breaks >> 1);
    short |= short >> 2;
    short |= short >> 4;
    short |= (short >> 8) | (short >> 12) | lastOnes;
    if (short != -1 && runFrom == size) read = readRuns(from, size, at + 32, ~short, read);
  }
  const folded = v128.or(
    seen,
    i8x16.shuffle(seen, seen, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
  );
  const word = i64x2.extract_lane(folded, 0);
  const half = <u32>word | <u32>(word >> 32);
  const quarter = half | (half >> 16);
  store<u32>(answerAt, foundCount);
  store<u32>(answerAt, runFrom, 4);
  store<u32>(answerAt, (quarter | (quarter >> 8)) & 0xff, 8);
}

/** Places of which 20 in a row are not among the last 64. */
const lastOnes: u64 = 0xffffe00000000000;

/** The last bytes of a text, with spaces behind them. */
function tailOf(p: u32, rest: u32): u32 {
  memory.fill(tailAt, 0x20, 32);
  memory.copy(tailAt, p, rest);
  return tailAt;
}

/** Bits of `lanes` are the third letters of what may be triggers. */
function lookUp(from: u32, size: u32, base: u32, lanes: u32): void {
  for (let left = lanes; left != 0; left &= left - 1) {
    const end = base + ctz(left);
    if (end < 2 || end >= size) continue;
    const at = end - 2;
    const p = from + at;
    if ((load<u8>(pairsAt + load<u16>(p)) & begins) == 0) continue;
    if ((load<u8>(pairsAt + load<u16>(p + 1)) & ends) == 0) continue;
    const three =
      ((<u32>(load<u8>(p) & 31)) << 10) |
      ((<u32>(load<u8>(p + 1) & 31)) << 5) |
      <u32>(load<u8>(p + 2) & 31);
    const list = <u32>load<u8>(listsAt + three);
    if (list == 0) continue;
    const next = at + 3 < size ? <u32>load<u8>(p + 3) : 0;
    if ((load<u32>(nextsAt + (list << 2)) & (1 << (next & 31))) == 0) continue;
    if (foundCount < mostFound) store<u32>(foundAt + (foundCount << 2), (at << 8) | list);
    foundCount++;
  }
}

/** Bits of `long` are where runs of 20 letters begin, the highest of them 64 places before `end`. Up to where it has read. */
function readRuns(from: u32, size: u32, end: u32, long: u64, before: u32): u32 {
  let read = before;
  for (let left = long; left != 0; left &= left - 1) {
    const start = end + <u32>ctz(left) - 64;
    if (start < read) continue;
    let kinds: u32 = 0;
    let to = start;
    for (; to < size; to++) {
      const kind = <u32>load<u8>(classesAt + load<u8>(from + to));
      if (kind == 0) break;
      kinds |= kind;
    }
    read = to;
    const behind: u32 = to < size ? load<u8>(from + to) : 0;
    if (isWorthReading(from + start, to - start, kinds, behind)) {
      runFrom = start;
      break;
    }
  }
  return read;
}

const mixed: u32 = 3;
const digit: u32 = 4;
const leastHex: u32 = 32;
const leastLine: u32 = 60;

/** See base64-letters.ts. */
function isWorthReading(p: u32, width: u32, kinds: u32, behind: u32): bool {
  if ((kinds & mixed) == mixed) return true;
  if (width >= leastLine && (width & 3) == 0 && (behind == 0x0a || behind == 0x0d)) return true;
  return width >= leastHex && (kinds & digit) != 0 && beginsAsText(p, width);
}

function beginsAsText(p: u32, width: u32): bool {
  let others: u32 = 0;
  const end = p + min<u32>(width, 48);
  for (let at = p; at + 1 < end; at += 2) {
    const high: u32 = load<u8>(at);
    const low: u32 = load<u8>(at + 1) | 0x20;
    const isSign = high >= 0x32 && high <= 0x37 && !(high == 0x37 && low == 0x66);
    const isSpace = high == 0x30 && (low == 0x39 || low == 0x61 || low == 0x64);
    if (!isSign && !isSpace && ++others > 1) return false;
  }
  return true;
}

/** Decodes base64 in its place; −1 where it is not all of it of the common alphabet, in whole groups of four. */
export function decode(from: u32, size: u32): i32 {
  if ((size & 3) != 0 || size == 0) return -1;
  const lowSigns = v128.load(lowWrongs);
  const highSigns = v128.load(highWrongs);
  const shifts = v128.load(additions);
  const order = v128.load(threes);
  const nibble = v128.load(nibbles);
  const slash = v128.load(slashes);
  const lowByte = v128.load(lowBytes);
  const steps = v128.load(twelveSteps);
  let wrong = i8x16.splat(0);
  let at = from;
  let to = from;
  // The last group may have less than three bytes.
  const last = from + size - 4;
  for (; at + 16 <= last; at += 16, to += 12) {
    const letters = v128.load(at);
    const high = v128.and(i16x8.shr_u(letters, 4), nibble);
    wrong = v128.or(
      wrong,
      v128.and(i8x16.swizzle(lowSigns, v128.and(letters, nibble)), i8x16.swizzle(highSigns, high)),
    );
    const sixes = i8x16.add(
      letters,
      i8x16.swizzle(shifts, i8x16.add(high, i8x16.eq(letters, slash))),
    );
    // Two of six bits make twelve, two of these 24, the first one highest.
    const twelves = v128.or(i16x8.shl(v128.and(sixes, lowByte), 6), i16x8.shr_u(sixes, 8));
    v128.store(to, i8x16.swizzle(i32x4.dot_i16x8_s(twelves, steps), order));
  }
  if (v128.any_true(wrong)) return -1;
  for (; at < last; at += 4, to += 3) {
    const four = fourAt(at);
    if (four < 0) return -1;
    storeThree(to, four);
  }
  const padding: u32 = load<u8>(at + 3) != 0x3d ? 0 : load<u8>(at + 2) != 0x3d ? 1 : 2;
  if (padding == 1) store<u8>(at + 3, 0x41);
  else if (padding == 2) store<u16>(at + 2, 0x4141);
  const four = fourAt(at);
  if (four < 0) return -1;
  storeThree(to, four);
  return to + 3 - padding - from;
}

/** 24 bits of four letters; below 0 where one of them is none. */
function fourAt(at: u32): i32 {
  const a: i32 = load<u8>(sixesAt + load<u8>(at));
  const b: i32 = load<u8>(sixesAt + load<u8>(at + 1));
  const c: i32 = load<u8>(sixesAt + load<u8>(at + 2));
  const d: i32 = load<u8>(sixesAt + load<u8>(at + 3));
  return (a | b | c | d) > 63 ? -1 : (a << 18) | (b << 12) | (c << 6) | d;
}

function storeThree(at: u32, three: i32): void {
  store<u8>(at, three >> 16);
  store<u8>(at + 1, three >> 8);
  store<u8>(at + 2, three);
}
