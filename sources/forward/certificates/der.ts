/** Writes DER (X.690), as much of it as certificates are made of. Every function gives one whole element. */

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  return Buffer.concat([Buffer.of(tag), lengthBytes(length), ...parts]);
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.of(0x80 | digits.length, ...digits);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, ...parts);
export const octets = (bytes: Uint8Array): Buffer => element(0x04, bytes);
export const bits = (bytes: Uint8Array, unused = 0): Buffer =>
  element(0x03, Buffer.of(unused), bytes);
export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
export const truth = (): Buffer => Buffer.of(0x01, 0x01, 0xff);

/** `[number]` around an element, or in place of its tag where `isPrimitive`. */
export const context = (number: number, bytes: Uint8Array, isPrimitive = false): Buffer =>
  element((isPrimitive ? 0x80 : 0xa0) | number, bytes);

/** A number of any length, not negative, the most significant byte first. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  // Its first bit would be the sign.
  return (digits[0] ?? 0) >= 0x80 ? element(0x02, Buffer.of(0), digits) : element(0x02, digits);
}

/** An object identifier, as `1.2.840.10045.4.3.2`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...others].flatMap(base128)));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f));
  return digits;
}

/** To the second, with a year of two digits until 2049, as RFC 5280 (4.1.2.5) wants it. */
export function time(at: Date): Buffer {
  const text = at.toISOString().replace(/[-:T]|\.\d+/g, '');
  return at.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(text.slice(2)))
    : element(0x18, Buffer.from(text));
}

/** The elements that stand within the first one of `bytes`, each as a whole. Of a certificate that OpenSSL has read: it is sound. */
export function elementsIn(bytes: Uint8Array): Uint8Array[] {
  const [start, end] = contentOf(bytes, 0);
  const found: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    const [, next] = contentOf(bytes, at);
    found.push(bytes.subarray(at, next));
    at = next;
  }
  return found;
}

/** Where the content of the element at `at` begins and ends. */
function contentOf(bytes: Uint8Array, at: number): readonly [start: number, end: number] {
  const first = bytes[at + 1] ?? 0;
  if (first < 0x80) return [at + 2, at + 2 + first];
  const digits = bytes.subarray(at + 2, at + 2 + (first & 0x7f));
  const start = at + 2 + digits.length;
  return [start, start + digits.reduce((length, digit) => length * 256 + digit, 0)];
}
