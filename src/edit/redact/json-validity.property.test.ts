import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allPresets,
  MemoryTexts,
  message,
  payloadOf,
  recorded,
  redactionOf,
} from './texts.testing.ts';

const secretName = fc.constantFrom(
  'password',
  'api_key',
  'accessToken',
  'client-secret',
  'sig',
  'cvv',
);
const plainName = fc.constantFrom(
  'a',
  'name',
  'author',
  'token_type',
  'key',
  'x y',
  'ü',
  '"',
  'created_at',
);
const plainValue = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    'text',
    'with "quotes" and \\ and \u0007',
    'ünï ☃ 😀',
    'a/b?c=d&e',
    '{"x":1}',
    '[]',
    '100%',
  ),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const secretValue = fc.oneof(
  fc.stringMatching(/^[ -~]{1,20}$/).filter((text) => text.trim() !== '' && !/[@\\%&]/.test(text)),
  fc.integer({ min: 0 }),
  fc.constantFrom<unknown>({ user: 'joe', n: 1 }, ['a', 'b'], 'zażółć', '"', 'a"b'),
);

/** Some JSON, and what must become of it. */
interface Pair {
  readonly before: unknown;
  readonly after: unknown;
}

const { tree } = fc.letrec<{ tree: Pair; leaf: Pair }>((tie) => ({
  leaf: fc.oneof(
    plainValue.map((value) => ({ before: value, after: value })),
    fc.constantFrom<Pair>(
      { before: 'to joe@example.com.', after: 'to [redacted].' },
      { before: 4111111111111111, after: '[redacted]' },
      { before: '4111 1111 1111 1111', after: '[redacted]' },
    ),
  ),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 4 }).map((items) => ({
      before: items.map(({ before }) => before),
      after: items.map(({ after }) => after),
    })),
    fc
      .tuple(
        fc.dictionary(plainName, tie('tree'), { maxKeys: 4 }),
        fc.dictionary(secretName, secretValue, { maxKeys: 2 }),
      )
      .map(([plain, secret]) => ({
        before: { ...mapped(plain, ({ before }) => before), ...secret },
        after: { ...mapped(plain, ({ after }) => after), ...mapped(secret, () => '[redacted]') },
      })),
    tie('tree').map(({ before, after }) => ({
      before: JSON.stringify(['in', before]),
      after: JSON.stringify(['in', after]),
    })),
  ),
}));

const mapped = <Value, Other>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Other,
): Record<string, Other> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));

describe('JSON', async () => {
  const redaction = await redactionOf(allPresets);

  it.each([undefined, 2])(
    'is JSON afterwards, the same but for its secrets (indent %j)',
    (indent) => {
      fc.assert(
        fc.property(tree, ({ before, after }) => {
          const body = JSON.stringify({ before }, null, indent);
          const texts = new MemoryTexts({
            raw_response: recorded(
              message('HTTP/1.1 200 OK', ['Content-Type: application/json'], body),
            ),
          });

          redaction.redact(texts);

          const [, left = ''] = payloadOf(texts, 'raw_response').split('\r\n\r\n');
          expect(JSON.parse(Buffer.from(left, 'latin1').toString())).toEqual({ before: after });
        }),
        { numRuns: 300 },
      );
    },
  );
});
