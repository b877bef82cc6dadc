import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLenient } from './lenient-json.ts';
import { piecesOf } from './pieces.ts';
import type { Piece } from './split.ts';

/** The parts of a text, cut into pieces of this many bytes. */
function cut(text: string | Buffer, size: number): readonly Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
}

async function found(text: string | Buffer, { size = 7, longest = 10_000 } = {}) {
  const pieces: Piece[] = [];
  for await (const piece of piecesOf(cut(text, size), { longest })) pieces.push(piece);
  return pieces;
}

const entriesIn = (pieces: readonly Piece[]): readonly unknown[] =>
  pieces.flatMap((piece) => (piece.kind === 'entry' ? [parseLenient(piece.bytes.toString())] : []));

const bad = (pieces: readonly Piece[]): readonly Piece[] =>
  pieces.filter(({ kind }) => kind !== 'entry');

describe('the entries of a HAR', () => {
  it.each([
    ['a HAR', '{"log":{"version":"1.2","pages":[{"id":"p"}],"entries":[{"a":1},{"a":[2]}]}}'],
    ['with a mark', '\ufeff{"log":{"entries":[{"a":1},{"a":[2]}]}}'],
    ['in UTF-16', Buffer.from('\ufeff{"log":{"entries":[{"a":1},{"a":[2]}]}}', 'utf16le')],
    ['with comments', '/* x " */ {"log": // {\n {"entries":[{"a":1}/**/,\n{"a":[2]}]}}'],
    ['without log', '{"other":{"entries":[{"b":1}]},"entries":[{"a":1},{"a":[2]}]}'],
    ['a list', '[{"a":1},{"a":[2]}]'],
    ['lines', '{"a":1}\n{"a":[2]}\n'],
    ['a HAR and an entry', '{"log":{"entries":[{"a":1}]}}{"a":[2]}'],
    ['several lists', '{"log":{"entries":[{"a":1}]}}\n[{"a":[2]}]'],
    [
      'oddly named',
      '{"log\\"x":{"entries":[9]},"log":{"x":[{"entries":[9]}],"entries":[{"a":1},{"a":[2]}]}}',
    ],
  ])('%s', async (_, text) => {
    for (const size of [1, 2, 7, 1000]) {
      const pieces = await found(text, { size });

      expect(entriesIn(pieces)).toEqual([{ a: 1 }, { a: [2] }]);
      expect(bad(pieces)).toEqual([]);
    }
  });

  it('are those of the text, whatever they are and however it comes in', async () => {
    const entry = fc.dictionary(fc.string(), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        async (entries, size, isPretty) => {
          const text = JSON.stringify({ log: { entries } }, null, isPretty ? 2 : undefined);
          const pieces = await found(text, { size, longest: 1_000_000 });

          expect(bad(pieces)).toEqual([]);
          expect(JSON.stringify(entriesIn(pieces))).toBe(JSON.stringify(entries));
        },
      ),
    );
  });

  it('are passed over where they are no objects, or too long, and counted on', async () => {
    const long = `{"a":"${'x'.repeat(200)}"}`;
    const pieces = await found(`{"log":{"entries":[null,${long},"x",[1],{"a":1}]}}`, {
      longest: 100,
    });

    expect(pieces.map(({ kind, index }) => [kind, index])).toEqual([
      ...[
        ['entry', 0],
        ['too-long', 1],
        ['entry', 2],
        ['entry', 3],
        ['entry', 4],
      ],
    ]);
    expect(entriesIn(pieces)).toEqual([null, null, [1], { a: 1 }]);
  });

  it.each([
    ['{"log":{"entries":[{"a":1},{"a":"x', 1, 1, 'it ends within this entry'],
    ['{"log":{"entries":[{"a":1},', 1, 1, 'it ends before its entries do'],
    ['{"log":{"entries":[{"a":1}]}', 1, 1, 'it ends before its entries do'],
    [
      '{"log":{"entries":[{"a":1},{"a":]},{"a":2}]}}',
      1,
      1,
      'a bracket is closed by one of the other kind',
    ],
    ['[{"a":1}]]', 1, 1, 'a bracket is closed that was not opened'],
    ['<html>', 0, 0, 'expected an object or a list'],
    ['"text"', 0, 0, 'expected an object or a list'],
    ['{"a":1} / {}', 1, 1, 'expected a comment or a value'],
  ])(
    'of a broken text %j: %i whole ones, and then what is wrong',
    async (text, whole, index, words) => {
      for (const size of [1, 5, 100]) {
        const pieces = await found(text, { size });

        expect(entriesIn(pieces)).toHaveLength(whole);
        expect(bad(pieces)).toEqual([expect.objectContaining({ kind: 'broken', index, words })]);
      }
    },
  );

  it('are none of nothing', async () => {
    expect(await found('')).toEqual([]);
    expect(await found(' \n')).toEqual([]);
    expect(await found('{"log":{}}')).toEqual([]);
  });

  it('never throw or hang, whatever the bytes are', async () => {
    const bits = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      '/',
      '*',
      'log',
      '"log"',
      '"entries"',
      ' ',
      '\n',
      '\0',
      '1',
    );
    const text = fc.oneof(
      fc.array(bits).map((all) => Buffer.from(all.join(''))),
      fc.uint8Array().map((all) => Buffer.from(all)),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (bytes, size) => {
        const pieces = await found(bytes, { size, longest: 50 });

        for (const piece of pieces)
          if (piece.kind === 'entry') expect(piece.bytes.length).toBeLessThanOrEqual(50);
        expect(bad(pieces).filter(({ kind }) => kind === 'broken').length).toBeLessThanOrEqual(1);
        expect((await found(bytes, { size: 1000, longest: 50 })).map(({ kind }) => kind)).toEqual(
          pieces.map(({ kind }) => kind),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('may be nested as deep as nobody writes them', async () => {
    const pieces = await found(`{"log":{"x":${'['.repeat(100_000)}`, { size: 1000 });

    expect(bad(pieces)).toEqual([
      expect.objectContaining({ kind: 'broken', words: 'it is nested more than 10000 deep' }),
    ]);
  });
});

describe('JSON as others write it', () => {
  it.each([
    ['{"time":NaN,"a":[Infinity,-Infinity],"b":-1}', { time: null, a: [null, null], b: -1 }],
    ['{"a":"NaN, // no /* comment */ ,}",}', { a: 'NaN, // no /* comment */ ,}' }],
    ['{"a":1, // x\n "b":[1,2,/* , */],}', { a: 1, b: [1, 2] }],
    ['{"a":"x\ny\\"\tz"}', { a: 'x\ny"\tz' }],
  ])('%j', (text, value) => {
    expect(parseLenient(text)).toEqual(value);
  });

  it.each(['{"a":}', '{"a":"x', '', '{"a":1}}', '{a:1}', '{"a":Nan}'])('is not %j', (text) => {
    expect(() => parseLenient(text)).toThrow(SyntaxError);
  });

  it('leaves what is JSON as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parseLenient(text))).toBe(text);
        // The same, by way of the repair.
        const list: unknown = parseLenient(`[NaN,${text}]`);
        expect(JSON.stringify(list)).toBe(`[null,${text}]`);
      }),
    );
  });
});
