import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretSamples } from '../corpus.testing.ts';
import { look } from './look.ts';
import { openScanner, type Scanner } from './scanner.ts';
import { rows } from './triggers.ts';

/** There is one for all of them: a text lies in it until the next `begin`. */
function scannerFor(size: number): Scanner {
  const scanner = openScanner();
  if (scanner === undefined) throw new Error('this runtime has no WebAssembly');
  scanner.begin(size);
  return scanner;
}

const corpus: readonly Buffer[] = secretSamples().flatMap(({ fields }) =>
  [fields.raw_request, fields.raw_response, fields.path, fields.alias]
    .filter((value) => value !== undefined)
    .map((value) => Buffer.from(value))
    .flatMap((value) => [value, Buffer.from(value.toString('latin1'), 'base64')]),
);

/** What texts are made of: triggers as they are and nearly, runs of base64's letters and of digits, and signs. */
const piece = fc.oneof(
  fc.constantFrom(...rows).map(({ letters }) => letters),
  fc.constantFrom(...rows).map(({ letters, next }) => letters.toUpperCase() + next.slice(0, 1)),
  fc.constantFrom(
    ...['password', 'token=', 'monkey', 'code=', 'conn_string', 'eyJ', 'AKIA', 'p', 'k'],
  ),
  fc.constantFrom(
    ...[' ', '"', ':', '\n', '\r\n', '\\', '%', '&', '@', '\0', '\xff', '=', '{', '-', '_'],
  ),
  fc.stringMatching(/^[0-9a-f]{10,70}$/),
  fc.stringMatching(/^[A-Za-z0-9+/]{15,80}$/),
  fc.stringMatching(/^[a-z]{15,30}$/),
  fc.constantFrom(
    '2a'.repeat(15),
    '68656c6c6f'.repeat(4),
    `${'a1b2'.repeat(15)}\n${'c3d4'.repeat(5)}`,
  ),
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

function expectSame(bytes: Buffer): void {
  const plain = bytes.toString('latin1');
  const scanner = scannerFor(bytes.length);
  // Short texts it leaves to others, and these do not say where runs begin.
  const wide = bytes.length < 64 ? Buffer.concat([bytes, Buffer.alloc(64, ' ')]) : bytes;

  expect(scanner.sight(wide, wide.toString('latin1'))).toEqual(look(wide, wide.toString('latin1')));
  const { places } = look(bytes, plain);
  if (places.length > 0) expect(scanner.isQuiet(bytes, 0, bytes.length)).toBe(false);
}

describe('the scanner', () => {
  it('sees in the corpus what a look in plain words sees', () => {
    expect(corpus.length).toBeGreaterThan(500);
    for (const bytes of corpus) expectSame(bytes);
  });

  it('sees in any text what a look in plain words sees, wherever it lies', () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 40 }), (plain, shift) => {
        const bytes = Buffer.from(' '.repeat(shift) + plain, 'latin1');
        expectSame(bytes);
        expectSame(bytes.subarray(shift));
      }),
      { numRuns: 1_000 },
    );
  });

  it('sees in any bytes what a look in plain words sees', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => expectSame(Buffer.from(bytes))),
      { numRuns: 500 },
    );
  });

  it('finds every trigger at every place of a text, also at its end and with something behind it', () => {
    for (const { letters, next, isAnyCase } of rows)
      for (let shift = 0; shift < 34; shift++)
        for (const cased of isAnyCase ? [letters, letters.toUpperCase()] : [letters]) {
          const bytes = Buffer.from(
            `${'.'.repeat(shift)}conn_codebeabas${cased}${next.slice(0, 1)}`,
          );
          expectSame(bytes);
          expectSame(Buffer.concat([bytes, Buffer.from('wphrase=: ')]));
        }
  });

  it.each(['\\', '%', '&', '@', '\0'])('hears %j anywhere', (sign) => {
    for (let size = 1; size < 100; size++)
      for (const at of new Set([0, size >> 1, size - 1])) {
        const bytes = Buffer.alloc(size, '.');
        const scanner = scannerFor(2 * size);
        expect(scanner.isQuiet(bytes, 0, size)).toBe(true);
        bytes.write(sign, at, 'latin1');
        expect(scanner.isQuiet(bytes, 0, size)).toBe(false);
        expect(scanner.isQuiet(bytes, 0, at)).toBe(true);
        expect(scanner.isQuiet(bytes, at + 1, size)).toBe(true);
      }
  });

  it('hears nothing of what is none, and does not look beyond its text', () => {
    const bytes = Buffer.from(
      'my passage by ship: cousins and side, an author signs; not a password',
    );
    const scanner = scannerFor(bytes.length);

    expect(scanner.isQuiet(bytes, 0, bytes.length)).toBe(false);
    expect(scanner.isQuiet(bytes, 0, bytes.length - 5)).toBe(true);
  });

  it('decodes base64 as the runtime does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 40 }), (bytes, shift) => {
        const encoded = Buffer.from(bytes).toString('base64');
        const source = Buffer.from('='.repeat(shift) + encoded);
        const decoded = scannerFor(source.length).decode(source, shift, source.length);
        if (bytes.length === 0) expect(decoded).toBeUndefined();
        else expect(decoded).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('decodes nothing else', () => {
    const whole = Buffer.from(Buffer.alloc(90, 'some text').toString('base64'));
    for (let at = 0; at < whole.length; at++)
      for (const sign of ['-', '_', '=', '\n', ' ', '\0', '\xff', '@', '[', '`', '{', ':', ',']) {
        const broken = Buffer.from(whole);
        broken.write(sign, at, 'latin1');
        const decoded = scannerFor(broken.length).decode(broken, 0, broken.length);
        if (sign === '=' && at === whole.length - 1) expect(decoded?.length).toBe(89);
        else expect(decoded).toBeUndefined();
      }
    for (const size of [1, 2, 3, 5, 117, 118, 119])
      expect(scannerFor(size).decode(whole, 0, size)).toBeUndefined();
  });

  it('keeps what it has decoded until the next record begins, and grows for larger ones', () => {
    const first = Buffer.alloc(900_000, 'one text ');
    const second = Buffer.alloc(900_000, 'another ');
    const scanner = scannerFor(2_400_000);
    const [one, other] = [first, second].map((bytes) => {
      const source = Buffer.from(bytes.toString('base64'));
      return scanner.decode(source, 0, source.length);
    });

    expect(
      scanner.sight(Buffer.from('a password=1 '.repeat(20)), 'a password=1 '.repeat(20))?.places,
    ).toHaveLength(20);
    expect(one?.equals(first)).toBe(true);
    expect(other?.equals(second)).toBe(true);
  });

  it('leaves to others what is too large for it, or has too much in it', () => {
    const large = Buffer.alloc(17_000_000, 'A');
    const scanner = scannerFor(large.length);

    expect(scanner.decode(large, 0, large.length)).toBeUndefined();
    expect(scanner.sight(large, '')).toBeUndefined();
    expect(scanner.isQuiet(large, 0, large.length)).toBe(false);
    expect(scanner.bytesOf('A'.repeat(17_000_000))).toBeUndefined();
    const full = Buffer.alloc(20_000, 'password ');
    expect(scanner.sight(full, full.toString())).toBeUndefined();
    expect(scanner.isQuiet(full, 0, full.length)).toBe(false);
  });
});
