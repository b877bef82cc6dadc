import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HpackReader } from './hpack.ts';
import { decodeHuffman } from './huffman.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const get = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com'];
const custom = [
  ':method',
  'GET',
  ':scheme',
  'https',
  ':path',
  '/index.html',
  ':authority',
  'www.example.com',
  'custom-key',
  'custom-value',
];
const date = (seconds: number): string => `Mon, 21 Oct 2013 20:13:${seconds} GMT`;
const moved = (status: string) => [
  ':status',
  status,
  'cache-control',
  'private',
  'date',
  date(21),
  'location',
  'https://www.example.com',
];
const cookie = 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';
const last = [
  ':status',
  '200',
  'cache-control',
  'private',
  'date',
  date(22),
  'location',
  'https://www.example.com',
  'content-encoding',
  'gzip',
  'set-cookie',
  cookie,
];

/** RFC 7541, appendix C. */
const examples: readonly (readonly [
  string,
  number,
  readonly (readonly [string, readonly string[]])[],
])[] = [
  [
    'C.2.1',
    4096,
    [
      [
        '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
        ['custom-key', 'custom-header'],
      ],
    ],
  ],
  ['C.2.2', 4096, [['040c 2f73 616d 706c 652f 7061 7468', [':path', '/sample/path']]]],
  ['C.2.3', 4096, [['1008 7061 7373 776f 7264 0673 6563 7265 74', ['password', 'secret']]]],
  [
    'C.3',
    4096,
    [
      ['8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d', get],
      ['8286 84be 5808 6e6f 2d63 6163 6865', [...get, 'cache-control', 'no-cache']],
      ['8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65', custom],
    ],
  ],
  [
    'C.4',
    4096,
    [
      ['8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff', get],
      ['8286 84be 5886 a8eb 1064 9cbf', [...get, 'cache-control', 'no-cache']],
      ['8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf', custom],
    ],
  ],
  [
    'C.5',
    256,
    [
      [
        '4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        moved('302'),
      ],
      ['4803 3330 37c1 c0bf', moved('307')],
      [
        '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31',
        last,
      ],
    ],
  ],
  [
    'C.6',
    256,
    [
      [
        '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
        moved('302'),
      ],
      ['4883 640e ffc1 c0bf', moved('307')],
      [
        '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
        last,
      ],
    ],
  ],
];

describe('headers of HTTP/2', () => {
  it.each(examples)('are read as in RFC 7541, %s', (_name, size, blocks) => {
    const reader = new HpackReader();
    reader.permit(size);

    for (const [bytes, fields] of blocks) {
      expect(reader.read(hex(bytes))?.fields).toEqual(fields);
      expect(reader.size).toBeLessThanOrEqual(size);
    }
  });

  it('have tables of the size that the RFC says', () => {
    const reader = new HpackReader();
    reader.permit(256);
    for (const [bytes] of examples.find(([name]) => name === 'C.6')?.[2] ?? [])
      reader.read(hex(bytes));

    expect(reader.size).toBe(215);
  });

  it.each([
    ['an index that is not there', 'be'],
    ['the index 0', '80'],
    ['a number without an end', 'ffff ffff ffff ffff'],
    ['a text that is longer than the block', '400a 63'],
    ['a table that is larger than permitted', '3fff ff03'],
    ['the end of a string within a string', '4084 ffff ffff 00'],
    ['padding that is not of ones', '4081 00 00'],
  ])('are refused where they have %s', (_name, bytes) => {
    expect(new HpackReader().read(hex(bytes))).toBeUndefined();
  });

  it('that stand for much with few bytes are refused', () => {
    const value = 'x'.repeat(3000);
    const reader = new HpackReader();
    const first = Buffer.concat([hex('4001 61 7fb9 16'), Buffer.from(value)]);
    expect(reader.read(first)?.fields).toEqual(['a', value]);

    expect(reader.read(Buffer.alloc(1000, 0xbe))).toBeUndefined();
  });

  it('of any bytes are no harm', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), (blocks) => {
        const reader = new HpackReader();
        for (const block of blocks) reader.read(Buffer.from(block));
        expect(reader.size).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 2000 },
    );
  });

  it('have texts of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = decodeHuffman(Buffer.from(bytes), 0, bytes.length);
        expect(text === undefined || text.length <= (bytes.length * 8) / 5).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
