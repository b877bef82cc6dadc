/** Fields of newer gateways: named, in both encodings, wherever they stand; nothing else of the record changes. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeMsgpack } from './encode/msgpack.ts';
import { encodeProtobuf } from './encode/protobuf.ts';
import { msgpackDecoder } from './msgpack/decoder.ts';
import { kinds, recordStruct } from './msgpack/layout.ts';
import { protobufDecoder } from './protobuf/decoder.ts';
import type { Decoder } from './record.ts';
import { listenToUnknown } from './unknown-fields.ts';

let forget = (): void => undefined;
afterEach(() => forget());

/** What is told of one element, and the path of the record that it is. */
function told(decoder: Decoder, element: Uint8Array) {
  const heard: string[] = [];
  forget = listenToUnknown((encoding, names) => {
    for (const name of names) heard.push(`${encoding} ${name}`);
  });
  const chunk = decoder.decode([element]);
  forget();
  return { heard, path: chunk.record(0)?.text('path') };
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(0xd9, bytes.length), bytes]);
};
/** A map of MessagePack from parts that are encoded already. */
const map = (...entries: readonly (readonly [string, Buffer])[]): Buffer =>
  Buffer.concat([
    Buffer.of(0x80 | entries.length),
    ...entries.flatMap(([key, value]) => [text(key), value]),
  ]);
const path = ['Path', text('/here')] as const;

describe('a field that is not known', () => {
  it.each([
    ['none', map(path), []],
    ['at the top', map(['NewField', Buffer.of(1)], path), ['msgpack NewField']],
    ['twice', map(['N', Buffer.of(1)], path, ['N', Buffer.of(1)]), ['msgpack N']],
    [
      'in a struct',
      map(path, ['Geo', map(['City', map(['Area', Buffer.of(1)])])]),
      ['msgpack Geo.City.Area'],
    ],
    [
      'in the map of names',
      map(path, ['Geo', map(['City', map(['Names', map(['xx', text('y')])])])]),
      [],
    ],
    [
      'with a name that steers',
      map(path, ['a\n\u001b[2J"\u202e', Buffer.of(1)]),
      ['msgpack a\\u000a\\u001b[2J\\u0022\\u202e'],
    ],
    ['with a long name', map(path, ['n'.repeat(200), Buffer.of(1)]), [`msgpack ${'n'.repeat(64)}`]],
  ] as const)('of MessagePack: %s', (_, element, names) => {
    expect(told(msgpackDecoder, element)).toEqual({ heard: names, path: '/here' });
  });

  it('of a list behind its last is one, whatever their number', () => {
    const known = recordStruct.fields.map(({ kind, struct }) => {
      if (kind === kinds.time) return Buffer.of(0x92, 0, 0);
      return Buffer.of(kind === kinds.flag && struct === undefined ? 0xc2 : 0xc0);
    });
    const list = Buffer.concat([
      ...[Buffer.of(0xdc, 0, known.length + 5), ...known],
      Buffer.alloc(5, 1),
    ]);
    expect(msgpackDecoder.decode([list]).undecodable.map(({ reason }) => reason)).toEqual([]);
    expect(told(msgpackDecoder, list).heard).toEqual(['msgpack (behind the last)']);
  });

  it('of what is no record is not told', () => {
    const broken = Buffer.concat([
      map(path, ['New', Buffer.of(1)]).subarray(0, -1),
      Buffer.of(0xc1),
    ]);
    expect(told(msgpackDecoder, broken)).toEqual({ heard: [], path: undefined });
    // The next one is told for itself.
    expect(told(msgpackDecoder, map(path)).heard).toEqual([]);
  });

  it.each([
    ['none', [], []],
    ['at the top', [0xa0, 0x06, 1], ['protobuf #100']],
    ['of another type than it should be', [0x18, 1], ['protobuf #3']],
    ['in a message', [0x9a, 0x01, 2, 0x48, 1], ['protobuf #19.#9']],
    [
      'after a message',
      [0x9a, 0x01, 2, 0x48, 1, 0xa0, 0x06, 1],
      ['protobuf #19.#9', 'protobuf #100'],
    ],
  ] as const)('of protobuf: %s', (_, bytes, names) => {
    const element = Buffer.concat([encodeProtobuf({ path: '/here' }), Buffer.from(bytes)]);
    expect(told(protobufDecoder, element)).toEqual({ heard: names, path: '/here' });
  });

  it('is never told of a record as gateways write them today', () => {
    for (const [decoder, encode] of [
      [msgpackDecoder, encodeMsgpack],
      [protobufDecoder, encodeProtobuf],
    ] as const)
      expect(told(decoder, encode({ path: '/here', tags: ['a'] }))).toEqual({
        heard: [],
        path: '/here',
      });
  });

  it('is named harmlessly, and the record reads as without it (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const { heard, path: read } = told(msgpackDecoder, map([`~${name}`, text('value')], path));
        expect(read).toBe('/here');
        expect(heard).toHaveLength(1);
        expect(heard[0]).toMatch(/^msgpack ~[\x20-\x7e]*$/);
      }),
    );
  });
});
