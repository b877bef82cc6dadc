import { describe, expect, it } from 'vitest';
import { Packer, type PackRules } from './packets.ts';

/** Packs these records, each a list of lines; gives the packets as text, and which of them each record is in. */
function packed(rules: Partial<PackRules>, ...records: readonly (readonly string[])[]) {
  const packer = new Packer({ bytes: 0, lines: 0, isStream: false, ...rules });
  const spans = records.map((lines) =>
    packer.spanOf(() => {
      for (const line of lines) {
        packer.out.utf8(line);
        packer.endLine();
      }
    }),
  );
  const packets = packer.packets();
  return {
    texts: packets.map(({ bytes }) => bytes.toString('utf8')),
    counts: packets.map(({ lines }) => lines),
    spans: spans.map(({ first, last }) => `${first}-${last}`),
  };
}

describe('packing lines', () => {
  it('puts as many into a packet as fit, without a line feed at the end', () => {
    expect(packed({ bytes: 9, lines: 0 }, ['aaaa'], ['bbbb'], ['cccc'])).toEqual({
      texts: ['aaaa\nbbbb', 'cccc'],
      counts: [2, 1],
      spans: ['0-0', '0-0', '1-1'],
    });
  });

  it('ends every line of a stream, the last one of a packet too', () => {
    expect(packed({ bytes: 9, isStream: true }, ['aaaa'], ['bbbb'], ['cccc']).texts).toEqual([
      ...['aaaa\nbbbb\n', 'cccc\n'],
    ]);
  });

  it('counts bytes, not characters', () => {
    expect(packed({ bytes: 8, lines: 0 }, ['äää'], ['b'], ['c']).texts).toEqual(['äää\nb', 'c']);
  });

  it('sends a line that is too long alone', () => {
    expect(packed({ bytes: 3, lines: 0 }, ['a'], ['bbbbbb'], ['c']).texts).toEqual([
      ...['a', 'bbbbbb', 'c'],
    ]);
  });

  it('sends each line alone where there is no room for two', () => {
    expect(packed({ bytes: 0, lines: 0 }, ['a', 'b'], ['c']).texts).toEqual(['a', 'b', 'c']);
  });

  it('keeps to the most lines', () => {
    expect(packed({ bytes: 99, lines: 2 }, ['a'], ['b'], ['c']).counts).toEqual([2, 1]);
  });

  it('knows which packets have the lines of a record', () => {
    const { spans } = packed({ bytes: 3, lines: 0 }, ['a', 'b', 'c'], [], ['d'], ['e', 'f', 'g']);

    expect(spans).toEqual(['0-1', '0--1', '1-1', '2-3']);
  });

  it('gives nothing for nothing', () => {
    expect(packed({ bytes: 9, lines: 0 }, []).texts).toEqual([]);
  });
});
