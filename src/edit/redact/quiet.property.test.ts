import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordFields } from '../../record/encode/record-fields.ts';
import { secretSamples } from './corpus.testing.ts';
import type { Redaction } from './redaction.ts';
import { compileRedaction, type RedactionRules } from './rules.ts';
import { MemoryTexts, noRules } from './texts.testing.ts';

/** Rules with which bodies may be passed over by their bytes, and some with which they may not. */
const ruleSets: readonly Partial<RedactionRules>[] = [
  { presets: ['secrets'] },
  { presets: ['secrets', 'email'], mode: 'remove' },
  { presets: ['secrets'], headers: ['X-Kept', 'Content-Type'], ip: 'truncate' },
  { presets: ['secrets', 'cards', 'email'] },
  { presets: ['secrets'], query: ['kept'] },
];

interface Pair {
  readonly rules: Partial<RedactionRules>;
  readonly scanning: Redaction;
  readonly plain: Redaction;
}

const pairs: readonly Pair[] = await Promise.all(
  ruleSets.map(async (rules) => ({
    rules,
    scanning: await compileRedaction({ ...noRules, ...rules }),
    plain: await compileRedaction({ ...noRules, ...rules }, () => undefined),
  })),
);

function expectSame({ scanning, plain }: Pair, fields: RecordFields): number {
  const [one, other] = [new MemoryTexts(fields), new MemoryTexts(fields)];
  const outcome = scanning.redact(one);
  expect(outcome).toEqual(plain.redact(other));
  expect(one.all().map(String)).toEqual(other.all().map(String));
  expect(one.changes).toBe(other.changes);
  return outcome.places;
}

const samples = secretSamples();
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

const hex = (size: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${size}}$`));
const word = fc.oneof(
  hex(12),
  hex(32),
  fc.constantFrom(
    'hello world',
    'monkey',
    'passage',
    'key',
    'password',
    'token_type',
    'session',
    'code',
    'mission',
  ),
  fc.constantFrom(
    'key-00000162',
    'AKIAABCDEFGHIJKLMNOP',
    'a@b.example',
    'a\\nb',
    '50%25',
    '&amp;',
    'eyJhbGciOiJIUzI1NiJ9',
  ),
  fc.stringMatching(/^[ -~]{0,30}$/).map((text) => JSON.stringify(text).slice(1, -1)),
);
const json = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom('sku', 'note', 'items'), word), word), { maxLength: 12 })
  .map((members) => `{${members.map(([name, value]) => `"${name}":"${value}"`).join()}}`);
const line = fc.oneof(
  fc.constantFrom(
    'Content-Type: application/json',
    'Content-Type: text/xml; charset=utf-8',
    'Accept: */*',
  ),
  hex(32).map((id) => `X-Request-Id: ${id}`),
  word.map((value) => `X-Kept: ${value}`),
  fc.constantFrom(
    'Authorization: Bearer abcdef0123456789',
    'Cookie: a=secret-value',
    'X-Api-Key:',
    'Transfer-Encoding: chunked',
  ),
  fc.constantFrom(
    ' goes on',
    'no header',
    ': x',
    'content-type: multipart/mixed; boundary=b',
    'Content-Type: text/plain; charset="UTF-16"',
  ),
);
const start = fc.constantFrom(
  ...[
    'GET /orders HTTP/1.1',
    'HTTP/1.1 200 OK',
    'POST /a?b=c&token=abcdefgh HTTP/1.0',
    'HTTP/1.1 100 Continue',
  ],
  ...[
    'GET HTTP/1.1',
    'GET /a HTTP/1.1 x',
    'get /a HTTP/2',
    ':path: /a',
    'HTTP',
    'GET /a\rb HTTP/1.1',
    '',
  ],
);
const message = fc
  .record({
    start,
    lines: fc.array(line, { maxLength: 4 }),
    lineEnd: fc.constantFrom('\r\n', '\r\n', '\n'),
    body: fc.oneof(
      json,
      json,
      json.map((text) => `[${text}`),
      fc.constantFrom('', '{', '<a>', '5\r\n{"a":\r\n', 'x=1&y=2', '\xff\xfe{\0'),
    ),
    isCut: fc.nat({ max: 9 }).map((chance) => chance === 0),
  })
  .map(({ start, lines, lineEnd, body, isCut }) => {
    const whole = [start, ...lines, '', body].join(lineEnd);
    return isCut ? whole.slice(0, whole.length >> 1) : whole;
  });

describe('passing over what is quiet', () => {
  it.each(pairs)('changes nothing of what is redacted in the corpus: $rules', (pair) => {
    const places = samples.map(({ fields }) => expectSame(pair, fields));
    expect(places.filter((count) => count > 0).length).toBeGreaterThan(50);
  });

  it('changes nothing of what is redacted in the corpus where a byte of it is another', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs),
        fc.constantFrom(...samples),
        fc.nat(),
        fc.nat({ max: 255 }),
        (pair, { fields }, place, byte) => {
          const changed = (value: RecordFields['raw_request']): string | undefined => {
            if (value === undefined) return undefined;
            const plain = Buffer.from(Buffer.from(value).toString('latin1'), 'base64');
            if (plain.length > 0) plain[place % plain.length] = byte;
            return plain.toString('base64');
          };
          expectSame(pair, {
            ...fields,
            raw_request: changed(fields.raw_request) ?? '',
            raw_response: changed(fields.raw_response) ?? '',
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('changes nothing of what is redacted in any messages', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs),
        message,
        message,
        word,
        (pair, request, response, tag) => {
          const bytes = expectSame(pair, {
            raw_request: base64(request),
            raw_response: base64(response),
            tags: [tag, 'key-00000162'],
          });
          expect(bytes).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('finds in a body that was passed over what was redacted elsewhere', () => {
    const [pair] = pairs;
    if (pair === undefined) throw new Error('there are rules');
    const texts = new MemoryTexts({
      raw_request: base64('GET / HTTP/1.1\r\nX-Api-Key: aaaabbbbcccc\r\n\r\n'),
      raw_response: base64('HTTP/1.1 200 OK\r\n\r\n{"note":"aaaabbbbcccc"}'),
    });

    pair.scanning.redact(texts);

    expect(Buffer.from(texts.get('raw_response'), 'base64').toString()).toBe(
      'HTTP/1.1 200 OK\r\n\r\n{"note":"[redacted]"}',
    );
  });
});
