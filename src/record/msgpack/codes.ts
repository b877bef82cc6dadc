/**
 * The bytes of MessagePack that begin a value, as tables over the first byte (tyk-pump.md, "MessagePack"). Both
 * generations of the format are in them: 0xd9 is the newer str8, 0xda the raw16 of old.
 */
export const nil = 0xc0;

/** Bytes a value of fixed size takes, the first included; 0 for all others. */
const fixedSizes = (...entries: readonly (readonly [code: number, size: number])[]): Uint8Array => {
  const sizes = new Uint8Array(256);
  for (const [code, size] of entries) sizes[code] = size;
  return sizes;
};

const fixedIntegers = [...range(0x00, 0x7f), ...range(0xe0, 0xff)].map(
  (code) => [code, 1] as const,
);
const wideIntegers = [
  [0xcc, 2],
  [0xcd, 3],
  [0xce, 5],
  [0xcf, 9],
  [0xd0, 2],
  [0xd1, 3],
  [0xd2, 5],
  [0xd3, 9],
] as const;
const floats = [
  [0xca, 5],
  [0xcb, 9],
] as const;
const flags = [
  [0xc2, 1],
  [0xc3, 1],
] as const;

/** What an integer field takes: every width of either sign, and nil for 0. */
export const integerSizes = fixedSizes(...fixedIntegers, ...wideIntegers, [nil, 1]);
/** What a float field takes: integers too. */
export const floatSizes = fixedSizes(...fixedIntegers, ...wideIntegers, ...floats, [nil, 1]);
export const scalarSizes = fixedSizes(...fixedIntegers, ...wideIntegers, ...floats, ...flags, [
  nil,
  1,
]);

/** Bytes of the length that follows the first byte of a text, binary included; 0 where it is in the first byte. */
export const textLengthSizes = fixedSizes(
  [0xd9, 1],
  [0xda, 2],
  [0xdb, 4],
  [0xc4, 1],
  [0xc5, 2],
  [0xc6, 4],
);

/** Bytes of an extension's payload and type after its first byte; 0 for those with a length field. */
export const fixedExtensionSizes = fixedSizes(
  [0xd4, 2],
  [0xd5, 3],
  [0xd6, 5],
  [0xd7, 9],
  [0xd8, 17],
);
/** Bytes of an extension's length field. */
export const extensionLengthSizes = fixedSizes([0xc7, 1], [0xc8, 2], [0xc9, 4]);

export const isFixedText = (code: number): boolean => (code & 0xe0) === 0xa0;
export const isList = (code: number): boolean =>
  (code & 0xf0) === 0x90 || code === 0xdc || code === 0xdd;
export const isMap = (code: number): boolean =>
  (code & 0xf0) === 0x80 || code === 0xde || code === 0xdf;
export const isExtension = (code: number): boolean =>
  (code >= 0xd4 && code <= 0xd8) || (code >= 0xc7 && code <= 0xc9);

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
