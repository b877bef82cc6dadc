import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunked } from './corpus.testing.ts';
import { deepTexts } from './deep-decode.testing.ts';
import { compileRedaction } from './rules.ts';
import { allPresets, MemoryTexts } from './texts.testing.ts';

/** A secret that is known by its shape or its place, and the text that it stands in. */
interface Planted {
  readonly secret: string;
  readonly text: string;
}

const word = fc.stringMatching(/^[a-z]{4,9}$/);
const hidden = fc.stringMatching(/^Zq[A-Za-z0-9]{10,30}7x$/);
const cards = ['4111111111111111', '5500005555555559', '378282246310005', '6011000990139424'];

/** Luhn's check digit for any number that begins like a card. */
const cardNumber = fc
  .tuple(fc.constantFrom('4', '51', '55'), fc.stringMatching(/^\d{16}$/))
  .map(([begin, digits]) => {
    const number = `${begin}${digits}`.slice(0, 15);
    const sum = Array.from(number).reduceRight((total, digit, at) => {
      const value = Number(digit) * ((number.length - at) % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
    return `${number}${(10 - (sum % 10)) % 10}`;
  });

const names = [
  ...[
    'password',
    'passwd',
    'pwd',
    'token',
    'access_token',
    'refreshToken',
    'id-token',
    'api_key',
    'apiKey',
  ],
  ...[
    'client_secret',
    'clientSecret',
    'private_key',
    'session_id',
    'sessionId',
    'auth',
    'credential',
  ],
  ...[
    'signature',
    'sig',
    'X-Amz-Signature',
    'x-amz-security-token',
    'csrf_token',
    'xsrfToken',
    'user_password',
  ],
];

/** JSON, a form or a text around a secret. */
const planted: fc.Arbitrary<Planted> = fc.oneof(
  fc.tuple(fc.constantFrom(...names), hidden, word).map(([name, secret, other]) => ({
    secret,
    text: JSON.stringify({ [other]: [1, { [name]: secret }], author: other }),
  })),
  fc.tuple(fc.constantFrom(...names), hidden, word).map(([name, secret, other]) => ({
    secret,
    text: `${other}=1&${name}=${secret}&z=${other}`,
  })),
  fc.tuple(fc.constantFrom(...names), hidden, word).map(([name, secret, other]) => ({
    secret,
    text: `<${other}><${name}>${secret}</${name}></${other}>`,
  })),
  fc.tuple(word, word, fc.constantFrom('com', 'org', 'co.uk')).map(([name, host, top]) => ({
    secret: `${name}.zq@${host}.${top}`,
    text: `to ${name}.zq@${host}.${top}, and so on`,
  })),
  fc.tuple(fc.oneof(cardNumber, fc.constantFrom(...cards)), word).map(([number, other]) => ({
    secret: number,
    text: `${other} ${number} ${other}`,
  })),
  cardNumber.map((number) => {
    const grouped = number.replaceAll(/(\d{4})(?=\d)/g, '$1 ');
    return { secret: grouped, text: `{"n":"${grouped}"}` };
  }),
  fc.tuple(hidden, hidden).map(([claims, signature]) => ({
    secret: `eyJhbGciOiJIUzI1NiJ9.eyJ${claims}.${signature}`,
    text: `jwt eyJhbGciOiJIUzI1NiJ9.eyJ${claims}.${signature} end`,
  })),
  fc.tuple(hidden, word).map(([secret, other]) => ({
    secret,
    text: `see https://${other}:${secret}@${other}.example/path`,
  })),
  fc.stringMatching(/^[A-Za-z0-9]{36}$/).map((random) => ({
    secret: `ghp_${random}`,
    text: `key ghp_${random} of mine`,
  })),
);

type Wrap = (text: string) => string;

/** Encodings that one text is put into another by. */
const wraps: readonly Wrap[] = [
  (text) => JSON.stringify({ inner: text }),
  (text) => `a=1&q=${encodeURIComponent(text)}&b=2`,
  (text) =>
    `"${Array.from(text, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
  (text) => `{"data":"${Buffer.from(`${text} and some more`).toString('base64')}"}`,
  (text) => `t=${Buffer.from(`${text} and some more`).toString('base64url')}`,
  (text) => `{"x":1}\n${text}\n{"y":2}`,
  (text) => text,
];

const sentinel = 'sentinel-of-the-test';

interface Framing {
  readonly coding: 'gzip' | 'br' | 'deflate' | '';
  readonly chunks: readonly number[];
  readonly noise: Uint8Array;
  readonly isWide: boolean;
}

const framing: fc.Arbitrary<Framing> = fc.record({
  coding: fc.constantFrom('gzip' as const, 'br' as const, 'deflate' as const, '' as const),
  chunks: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
  noise: fc.uint8Array({ maxLength: 40 }),
  isWide: fc.boolean(),
});

function responseWith(text: string, { coding, chunks, noise, isWide }: Framing): Buffer {
  const plain = isWide
    ? Buffer.from(`\ufeff${sentinel} ${text}`, 'utf16le')
    : Buffer.concat([noise, Buffer.from(` ${sentinel}\n${text}\n`), noise]);
  const encode = {
    gzip: zlib.gzipSync,
    br: zlib.brotliCompressSync,
    deflate: zlib.deflateSync,
    '': (b: Buffer) => b,
  };
  const body = encode[coding](plain);
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Type: application/octet-stream',
    ...(coding === '' ? [] : [`Content-Encoding: ${coding}`]),
    chunks.length > 0 ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([
    Buffer.from(`${head.join('\r\n')}\r\n\r\n`),
    chunks.length > 0 ? chunked(body, chunks) : body,
  ]);
}

const requestWith = (head: string, body = ''): Buffer =>
  Buffer.from(`POST /a HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n${body}`);

/** Places that make any value a secret. */
const places: readonly ((value: string) => Buffer)[] = [
  (value) => requestWith(`X-Api-Key: ${value}`),
  (value) => requestWith(`Authorization: Basic ${Buffer.from(`joe:${value}`).toString('base64')}`),
  (value) => requestWith(`Cookie: a=1; b=${encodeURIComponent(value)}`),
  (value) => requestWith('A: b', JSON.stringify({ x: { password: value } })),
  (value) => requestWith('A: b', `x=1&secret=${encodeURIComponent(value)}`),
  (value) => requestWith('A: b', `<x><password>${value}</password></x>`),
  (value) => Buffer.from(`GET /a?token=${encodeURIComponent(value)} HTTP/1.1\r\nHost: x\r\n\r\n`),
];

/** How a value may be repeated elsewhere. */
const repeats: readonly ((value: string, other: string) => string)[] = [
  (value) => value,
  (value, other) => `key-${value} ${other}`,
  (value, other) => `/x/${encodeURIComponent(value)}/${other}`,
  (value, other) => `${other}=${encodeURIComponent(encodeURIComponent(value))}`,
  (value, other) => Buffer.from(`${other} is ${value}, said ${other}`).toString('base64'),
];

describe('redaction', async () => {
  const redaction = await compileRedaction(allPresets);

  it('leaves no secret, wherever it stands and however it is wrapped', () => {
    fc.assert(
      fc.property(
        planted,
        fc.array(fc.constantFrom(...wraps), { maxLength: 3 }),
        framing,
        ({ secret, text }, around, frame) => {
          const wrapped = around.reduce((inner, wrap) => wrap(inner), text);
          const texts = new MemoryTexts({
            raw_response: responseWith(wrapped, frame).toString('base64'),
          });

          redaction.redact(texts);

          const left = texts.all().flatMap(deepTexts);
          expect(left.filter((each) => each.includes(secret))).toEqual([]);
          expect(left.some((each) => each.includes(sentinel))).toBe(true);
          const changes = texts.changes;
          redaction.redact(texts);
          expect(texts.changes).toBe(changes);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('leaves no value anywhere that was redacted for its place', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc
          .stringMatching(/^[A-Za-z0-9 !$*,./:_-]{6,24}$/)
          .filter((value) => /^\S.*\S$/.test(value)),
        fc.array(fc.tuple(fc.constantFrom(...repeats), word), { minLength: 1, maxLength: 4 }),
        (place, value, repeated) => {
          const around = repeated.map(([repeat, other]) => repeat(value, other));
          const texts = new MemoryTexts({
            raw_request: place(value).toString('base64'),
            raw_response: Buffer.from(
              `HTTP/1.1 200 OK\r\n\r\n{"${sentinel}":[${around.map((text) => `"${text}"`).join()}]}`,
            ).toString('base64'),
            path: `/a/${around[0] ?? ''}`,
            tags: around,
          });

          redaction.redact(texts);

          const left = texts.all().flatMap(deepTexts);
          expect(left.filter((each) => each.includes(value))).toEqual([]);
          expect(left.some((each) => each.includes(sentinel))).toBe(true);
          const changes = texts.changes;
          redaction.redact(texts);
          expect(texts.changes).toBe(changes);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('leaves bytes alone that hold nothing, and never throws', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(
          '',
          'HTTP/1.1 200 OK\r\n\r\n',
          'GET / HTTP/1.1\r\nA: b\r\n',
          '{"a":"',
          '--b\r\n',
        ),
        (noise, start) => {
          const bytes = Buffer.concat([Buffer.from(start), noise]);
          const texts = new MemoryTexts({ raw_request: bytes.toString('base64'), alias: noise });
          const before = texts.all().map(String);

          const { places, isFailed, reason } = redaction.redact(texts);

          expect(reason).not.toBe('error');
          if (places === 0 && !isFailed) expect(texts.all().map(String)).toEqual(before);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps every byte around what it redacts', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.uint8Array({ maxLength: 60 }),
        hidden,
        (left, right, secret) => {
          // Without what may belong to a name, a value or an encoding.
          const plain = (bytes: Uint8Array): Buffer =>
            Buffer.from(bytes.map((byte) => (byte < 0x80 ? 0x2e : byte)));
          const body = (value: string): Buffer =>
            Buffer.concat([plain(left), Buffer.from(`{"password":"${value}"}`), plain(right)]);
          const of = (value: string): string =>
            Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), body(value)]).toString('base64');
          const texts = new MemoryTexts({ raw_response: of(secret) });

          redaction.redact(texts);

          expect(texts.get('raw_response')).toBe(of('[redacted]'));
        },
      ),
    );
  });
});
