import {
  extensionLengthSizes,
  fixedExtensionSizes,
  floatSizes,
  integerSizes,
  isExtension,
  isFixedText,
  isList,
  isMap,
  nil,
  scalarSizes,
  textLengthSizes,
} from './codes.ts';

/**
 * Checks of one value each: from the offset of its first byte to the offset after its last, or a failure below 0.
 * Bad bytes are expected input, so they end in a number and not in an exception; no check reads beyond the record,
 * and each consumes a byte or fails, so that nothing lasts longer than the record.
 */
export type Check = (bytes: Buffer, at: number) => number;

export const failures = {
  truncated: -1,
  noText: -2,
  noNumber: -3,
  noFlag: -4,
  noTime: -5,
  noList: -6,
  noMap: -7,
  noStruct: -8,
  tooDeep: -9,
  unknownType: -10,
  badKey: -11,
} as const;

const reasons: Readonly<Record<number, string>> = {
  [failures.truncated]: 'the record is cut short',
  [failures.noText]: 'a text is expected and something else is there',
  [failures.noNumber]: 'a number is expected and something else is there',
  [failures.noFlag]: 'a flag is neither true nor false',
  [failures.noTime]: 'a time is no list of two numbers',
  [failures.noList]: 'a list is expected and something else is there',
  [failures.noMap]: 'a map is expected and something else is there',
  [failures.noStruct]: 'a struct is neither a map nor a list',
  [failures.tooDeep]: 'the path of an error is nested too deeply',
  [failures.unknownType]: 'a value has no known type',
  [failures.badKey]: 'a map in the path of an error has a key that is no scalar',
};

export const reasonOf = (failure: number): string => reasons[failure] ?? 'the record is broken';

/** Deeper paths are refused: reading them back is recursive. */
const maxDepth = 100;

export const checkText: Check = (bytes, at) => {
  if (at >= bytes.length) return failures.truncated;
  const code = bytes[at] as number;
  if (isFixedText(code)) return within(bytes, at + 1 + (code & 0x1f));
  if (code === nil) return at + 1;
  const width = textLengthSizes[code] as number;
  if (width === 0) return failures.noText;
  const from = at + 1 + width;
  return from > bytes.length
    ? failures.truncated
    : within(bytes, from + sizeAt(bytes, at + 1, width));
};

const within = (bytes: Buffer, end: number): number =>
  end > bytes.length ? failures.truncated : end;

/** A length of one, two or four bytes. */
export function sizeAt(bytes: Buffer, at: number, width: number): number {
  if (width === 1) return bytes[at] as number;
  return width === 2 ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at);
}

function checkSized(bytes: Buffer, at: number, sizes: Uint8Array, otherwise: number): number {
  if (at >= bytes.length) return failures.truncated;
  const size = sizes[bytes[at] as number] as number;
  return size === 0 ? otherwise : within(bytes, at + size);
}

export const checkInteger: Check = (bytes, at) =>
  checkSized(bytes, at, integerSizes, failures.noNumber);
export const checkFloat: Check = (bytes, at) =>
  checkSized(bytes, at, floatSizes, failures.noNumber);
const checkScalar: Check = (bytes, at) => checkSized(bytes, at, scalarSizes, failures.badKey);

export const checkFlag: Check = (bytes, at) => {
  if (at >= bytes.length) return failures.truncated;
  const code = bytes[at];
  return code === 0xc2 || code === 0xc3 ? at + 1 : failures.noFlag;
};

export const checkTime: Check = (bytes, at) => {
  if (at >= bytes.length) return failures.truncated;
  if (bytes[at] !== 0x92) return failures.noTime;
  const nanosAt = checkInteger(bytes, at + 1);
  return nanosAt < 0 ? nanosAt : checkInteger(bytes, nanosAt);
};

/** A list or nil, each item by the given check. */
export function checkList(bytes: Buffer, at: number, item: Check): number {
  let next = checkListHeader(bytes, at);
  if (next < 0) return next;
  for (let rest = countAt(bytes, at); rest > 0 && next > 0; rest--) next = item(bytes, next);
  return next;
}

export const checkTextList: Check = (bytes, at) => checkList(bytes, at, checkText);

/** A map with text keys or nil. The reference's library steps over an extension's header before a map. */
export function checkMap(bytes: Buffer, at: number, value: Check): number {
  const start = mapStart(bytes, at);
  if (bytes[start] === nil) return start + 1;
  let next = checkMapHeader(bytes, start);
  if (next < 0) return next;
  for (let rest = countAt(bytes, start); rest > 0 && next > 0; rest--) {
    const valueAt = checkText(bytes, next);
    next = valueAt < 0 ? valueAt : value(bytes, valueAt);
  }
  return next;
}

/** First byte of the map itself. */
export function mapStart(bytes: Buffer, at: number): number {
  const code = bytes[at] ?? nil;
  return isExtension(code) ? at + 2 + (extensionLengthSizes[code] as number) : at;
}

/** A value of any type, as the path of a GraphQL error holds them; extensions are unknown to the reference too. */
export function checkAny(bytes: Buffer, at: number, depth = 0): number {
  if (at >= bytes.length) return failures.truncated;
  if (depth > maxDepth) return failures.tooDeep;
  const code = bytes[at] as number;
  if ((scalarSizes[code] as number) > 0) return checkScalar(bytes, at);
  if (isFixedText(code) || (textLengthSizes[code] as number) > 0) return checkText(bytes, at);
  if (isList(code)) {
    return checkList(bytes, at, (_, itemAt) => checkAny(bytes, itemAt, depth + 1));
  }
  if (!isMap(code)) return failures.unknownType;
  let next = checkMapHeader(bytes, at);
  for (let rest = next < 0 ? 0 : countAt(bytes, at); rest > 0 && next > 0; rest--) {
    const valueAt = checkMapKey(bytes, next);
    next = valueAt < 0 ? valueAt : checkAny(bytes, valueAt, depth + 1);
  }
  return next;
}

/** Only what Go can use as a key: no list, no map, no binary. */
const checkMapKey: Check = (bytes, at) => {
  const code = bytes[at] ?? nil;
  const isText = isFixedText(code) || (code >= 0xd9 && code <= 0xdb);
  return isText ? checkText(bytes, at) : checkScalar(bytes, at);
};

/** Steps over `count` values of any type. A counter instead of recursion: nesting costs nothing. */
export function skipValues(bytes: Buffer, at: number, count: number): number {
  let next = at;
  for (let pending = count; pending > 0 && next >= 0; pending--) {
    if (next >= bytes.length) return failures.truncated;
    const start = next;
    const code = bytes[start] as number;
    if ((scalarSizes[code] as number) > 0) next = checkScalar(bytes, start);
    else if (isFixedText(code) || (textLengthSizes[code] as number) > 0)
      next = checkText(bytes, start);
    else if (isExtension(code)) next = skipExtension(bytes, start);
    else if (isList(code)) {
      next = checkListHeader(bytes, start);
      if (next >= 0) pending += countAt(bytes, start);
    } else if (isMap(code)) {
      next = checkMapHeader(bytes, start);
      if (next >= 0) pending += 2 * countAt(bytes, start);
    } else return failures.unknownType;
  }
  return next;
}

const skipExtension: Check = (bytes, at) => {
  const code = bytes[at] as number;
  const width = extensionLengthSizes[code] as number;
  const from = at + 1 + width;
  if (from > bytes.length) return failures.truncated;
  const size =
    width === 0 ? (fixedExtensionSizes[code] as number) : sizeAt(bytes, at + 1, width) + 1;
  return within(bytes, from + size);
};

export const checkListHeader: Check = (bytes, at) => {
  if (at >= bytes.length) return failures.truncated;
  const code = bytes[at] as number;
  if (code === nil) return at + 1;
  return isList(code) ? within(bytes, at + headerSize(code)) : failures.noList;
};

export const checkMapHeader: Check = (bytes, at) => {
  if (at >= bytes.length) return failures.truncated;
  const code = bytes[at] as number;
  return isMap(code) ? within(bytes, at + headerSize(code)) : failures.noMap;
};

/** 0xdc and 0xde have two bytes of length, 0xdd and 0xdf four, the others none. */
export const headerSize = (code: number): number => (code < 0xd0 ? 1 : (code & 1) === 0 ? 3 : 5);

/** Number of items or entries behind a checked header; −1 for nil. */
export function countAt(bytes: Buffer, at: number): number {
  const code = bytes[at] as number;
  if (code === nil) return -1;
  return code < 0xd0 ? code & 0x0f : sizeAt(bytes, at + 1, headerSize(code) - 1);
}
