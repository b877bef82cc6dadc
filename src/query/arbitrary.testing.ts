import fc from 'fast-check';
import type { RecordFields } from '../record/encode/record-fields.ts';
import { fields } from '../record/fields.ts';
import type { Integer } from '../record/record.ts';
import { addressTestOf } from './address.ts';
import { sourceOf } from './sources.ts';
import { allOf, everything, negated, oneOf } from './terms.ts';
import type { Instant, NumberField, Pattern, Query, TextSource } from './tree.ts';

/** Few texts, so that queries and records often have the same ones; in several cases, scripts and forms that are odd. */
const words = [
  ...['', 'a', 'A', 'ab', 'aab', 'B', '/health', '/Health', '/api/users', 'GET', 'get', 'x y'],
  ...['é', 'É', '日本', 'K', 'a*b', '*', '"', '\\', '(', ')|', '\u0000', '\u202e', '\ufffd', '😀'],
  ...['or', 'NOT', '-', '10.0.0.1', '10.0.0.77', '2001:db8::7', '::ffff:10.0.0.1', 'fe80::1%eth0'],
  ...['10.0.0.256', '1.2.3', '::', 'true', '5xx', '1..2', 'text/html'],
];
const word = fc.constantFrom(...words);
const huge = fc.constantFrom('a'.repeat(3000), `${'a'.repeat(3000)}b`);
/** Bytes that are no UTF-8, beside some that are. */
const broken = fc.constantFrom(
  Buffer.from([0xff]),
  Buffer.from([0x61, 0xc3]),
  Buffer.from([0xc3, 0x89, 0x80]),
);
const texts = fc.oneof(
  { weight: 6, arbitrary: word },
  { weight: 2, arbitrary: fc.tuple(word, word).map(([one, other]) => one + other) },
  { weight: 1, arbitrary: huge },
);

const integer: fc.Arbitrary<Integer> = fc.constantFrom<Integer[]>(
  ...[-1, 0, 1, 2, 200, 404, 499, 500, 599, 1024],
  ...[2 ** 53 - 1, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
);
const small = fc.constantFrom(-1, 0, 1, 200, 404, 499, 500, 599);
const instant: fc.Arbitrary<Instant> = fc.record({
  seconds: fc.constantFrom(
    -62_135_596_800,
    -1,
    0,
    1,
    1_710_109_320,
    1_710_109_321,
    253_402_300_799,
  ),
  nanos: fc.constantFrom(0, 1, 500_000_000, 999_999_999),
});

const header = fc
  .tuple(
    fc.constantFrom('X-Id', 'x-id', 'Content-Type', ' folded', 'x-id2', ''),
    fc.constantFrom(':', ': ', ':\t', ' '),
    word.filter((value) => !value.includes('\n')),
    fc.constantFrom('', ' ', '\t'),
  )
  .map((parts) => parts.join(''));

/** An HTTP message, or nearly; as the gateway records it, or as it is. */
const payloadWith = (text: fc.Arbitrary<string | Buffer>) =>
  fc
    .tuple(
      fc.array(header, { maxLength: 4 }),
      fc.constantFrom('\r\n', '\n'),
      fc.boolean(),
      text,
      fc.constantFrom('base64', 'plain', 'cut'),
    )
    .map(([headers, end, hasBody, body, form]) => {
      const head = ['GET / HTTP/1.1', ...headers].map((line) => `${line}${end}`).join('');
      const parts = hasBody ? [head, end, body] : [head];
      const message = Buffer.concat(parts.map((part) => Buffer.from(part)));
      if (form === 'plain') return message;
      return message.toString('base64').slice(0, form === 'cut' ? -1 : undefined);
    });

const dictionary = <T>(value: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom('a', 'A', 'é', 'en'), value, { maxKeys: 3, noNullPrototype: true });

const optional = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] });

/** Records, any field of which may be missing. Protobuf has no texts but UTF-8. */
export const recordFieldsIn = (encoding: 'msgpack' | 'protobuf'): fc.Arbitrary<RecordFields> =>
  encoding === 'msgpack' ? fieldsOf(fc.oneof(texts, broken)) : fieldsOf(texts);

const fieldsOf = (text: fc.Arbitrary<string | Buffer>): fc.Arbitrary<RecordFields> =>
  optional({
    method: text,
    host: text,
    path: text,
    raw_path: text,
    content_length: integer,
    user_agent: text,
    response_code: small,
    api_key: text,
    timestamp: instant,
    api_name: text,
    api_id: text,
    raw_request: payloadWith(text),
    raw_response: payloadWith(text),
    ip_address: text,
    geo: optional({
      country: optional({ iso_code: text }),
      city: optional({ names: dictionary(fc.constantFrom('a', 'É', 'x y')) }),
      location: optional({ latitude: fc.constantFrom(-1.5, 0, 1e-7, 200, 1e300) }),
    }),
    latency: optional({ total: integer, upstream: integer, gateway: integer }),
    tags: fc.array(text, { maxLength: 4 }),
    alias: text,
    track_path: fc.boolean(),
    expireAt: instant,
    graphql_stats: fc.record({
      IsGraphQL: fc.constant(true),
      HasErrors: fc.boolean(),
      RootFields: fc.array(text, { maxLength: 3 }),
      Types: dictionary(fc.array(fc.constantFrom('a'), { minLength: 1, maxLength: 2 })),
      Errors: fc.array(fc.record({ message: fc.constantFrom('a', 'É', '') }), { maxLength: 3 }),
      OperationType: small,
    }),
  });

/** The places of `*`: no two side by side, and not only one. */
const pattern: fc.Arbitrary<Pattern> = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.filter((part, at) => part !== '' || at === 0 || at === parts.length - 1))
  .filter((parts) => parts.length === 1 || parts.some((part) => part !== ''));

/** Enough whole texts for a field that the compiled form takes them together. */
const alternatives = fc
  .record({
    field: fc.constantFrom('path' as const, 'alias' as const, 'tags' as const),
    ignoresCase: fc.boolean(),
    parts: fc.array(pattern, { minLength: 4, maxLength: 12 }),
  })
  .map(({ field, ignoresCase, parts }) =>
    oneOf(parts.map((each) => ({ kind: 'text', field, pattern: each, ignoresCase }))),
  );

const around = (parts: Pattern): Pattern => [
  ...(parts[0] === '' ? [] : ['']),
  ...parts,
  ...(parts.at(-1) === '' ? [] : ['']),
];

const namesOf = (...kinds: readonly string[]) =>
  fields.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);

const textSource = fc.constantFrom(
  ...(namesOf('text', 'list', 'names', 'types', 'errors') as TextSource[]),
  ...(['tags', 'tags', 'path', 'path', 'ip_address', 'geo.city.names'] as const),
  ...(['graphql_stats.Types', 'graphql_stats.Errors', 'graphql_stats.RootFields'] as const),
  ...(['header.x-id', 'response.header.content-type', 'body', 'response.body'] as const),
);
const numberField = fc.constantFrom(...(namesOf('int32', 'int64', 'float') as NumberField[]));
const flagField = fc.constantFrom('track_path' as const, 'graphql_stats.HasErrors' as const);
const timeField = fc.constantFrom('timestamp' as const, 'expireAt' as const);
const comparison = fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const);
const bound = fc.oneof(integer, fc.constantFrom(1.5, -1.5, 1e-7, 0.1));
const network = fc
  .constantFrom(
    ...['10.0.0.0/24', '10.0.0.1', '0.0.0.0/0', '10.0.0.64/26', '2001:db8::/32', '::/0', '::/128'],
    ...['fe80::/10', '::ffff:10.0.0.0/120'],
  )
  .map((written) => addressTestOf(written) ?? everything);

const test: fc.Arbitrary<Query> = fc.oneof(
  pattern
    .filter((parts) => parts.some((part) => part !== ''))
    .map((parts) => ({ kind: 'word' as const, pattern: around(parts) })),
  fc
    .record({
      kind: fc.constant('text' as const),
      field: textSource,
      pattern,
      ignoresCase: fc.boolean(),
    })
    .map((made) => {
      const isWhole = sourceOf(made.field).kind !== 'body' || made.pattern.join('*') === '';
      return isWhole ? made : { ...made, pattern: around(made.pattern) };
    }),
  fc.record({
    kind: fc.constant('exists' as const),
    field: fc.oneof(textSource, numberField, flagField, timeField),
  }),
  fc.record({ kind: fc.constant('flag' as const), field: flagField, value: fc.boolean() }),
  fc.record({
    kind: fc.constant('number' as const),
    field: numberField,
    operator: fc.oneof(comparison, fc.constant('=' as const)),
    value: bound,
  }),
  fc
    .record({
      kind: fc.constant('number-range' as const),
      field: numberField,
      from: bound,
      to: bound,
    })
    .map((made) => (made.from > made.to ? { ...made, from: made.to, to: made.from } : made)),
  fc.record({ kind: fc.constant('number-range' as const), field: numberField, from: bound }),
  fc.record({
    kind: fc.constant('time' as const),
    field: timeField,
    operator: comparison,
    instant,
  }),
  fc.record({ kind: fc.constant('time-range' as const), field: timeField, from: instant }),
  fc.record({
    kind: fc.constant('time-range' as const),
    field: timeField,
    before: instant.filter(({ seconds, nanos }) => seconds > -62_135_596_800 || nanos > 0),
  }),
  network,
);

/** Trees as the parser makes them. */
export const queries: fc.Arbitrary<Query> = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    test,
    fc.constant(everything),
    alternatives,
    tie('query').map(negated),
    fc.array(tie('query'), { minLength: 2, maxLength: 3 }).map(allOf),
    fc.array(tie('query'), { minLength: 2, maxLength: 3 }).map(oneOf),
  ),
})).query;
