import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import type { Call } from '../calls/call.ts';
import { decodeModel } from '../state/decode.ts';
import { encodeModel } from '../state/encode.ts';
import { aCall, aModel } from '../testing.ts';
import { openapiOf } from './openapi.ts';
import { resolvedModel } from './resolved-model.ts';

const described = (calls: Iterable<Call>): string =>
  JSON.stringify(openapiOf(resolvedModel(aModel(calls))));
const many = (count: number, make: (index: number) => Call): readonly Call[] =>
  Array.from({ length: count }, (_, index) => make(index));

const secrets = [
  'hunter2hunter2',
  'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
  'AKIAIOSFODNN7EXAMPLE',
  'ann@example.com',
  '4242424242424242',
  'zQ8vB2kLp0XyT7w',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
];

it('shows no value that redaction would take out, however often it comes', () => {
  const calls = many(120, (index) => {
    const secret = secrets[index % secrets.length] as string;
    return aCall(`POST /login/${encodeURIComponent(secret)}?api_key=${secret}&note=${secret}`, {
      sent: { password: 'hunter', pin: 'abcd', note: secret, [secret]: 1 },
      got: { token: 'opaque', note: secret },
      headers: [
        ['authorization', `Bearer ${secret}`],
        ['x-api-key', secret],
        ['cookie', `session=${secret}`],
        ['x-note', secret],
      ],
    });
  });

  const text = described(calls) + encodeModel(aModel(calls));

  for (const secret of [...secrets, 'hunter', 'abcd', 'opaque']) expect(text).not.toContain(secret);
});

it('makes an enumeration of few words in many samples, and of nothing else', () => {
  const states = ['open', 'in_progress', 'done'];
  const names = 'ann bob cid dan eve fay gus hal ida jon kim lea'.split(' ');
  const text = described(
    many(90, (index) =>
      aCall('GET /tasks', {
        got: { state: states[index % 3], owner: names[index % 12], once: index === 0 ? 'x' : 'y' },
      }),
    ),
  );

  expect(text).toContain('"state":{"type":"string","enum":["done","in_progress","open"]}');
  expect(text).toContain('"owner":{"type":"string"}');
});

it('tells what is required, nullable, of several types, and a map', () => {
  const text = described(
    many(40, (index) =>
      aCall('GET /things', {
        got: {
          id: index,
          ...(index % 2 === 0 ? { name: index % 4 === 0 ? null : 'x' } : {}),
          mixed: index % 2 === 0 ? 'a text' : { code: 1 },
          byId: { [`7c9e6679-7425-40de-944b-e07fc1f9${String(1000 + index)}`]: 2.5 },
        },
      }),
    ),
  );

  expect(text).toContain('"required":["byId","id","mixed"]');
  expect(text).toContain('"name":{"type":["string","null"]}');
  expect(text).toContain('"oneOf":[{"type":"object"');
  expect(text).toContain('"additionalProperties":{"type":"number"}');
});

it('guesses how callers say who they are', () => {
  const calls = [
    aCall('GET /a', { headers: [['authorization', 'Bearer abc']] }),
    aCall('GET /b', { headers: [['authorization', 'Basic YTpi']] }),
    aCall('GET /c', { headers: [['x-api-key', 'k']] }),
    aCall('GET /d', { headers: [['cookie', 'connect.sid=1; theme=dark']] }),
    aCall('GET /e', { headers: [['authorization', 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln']] }),
  ];
  const { components } = openapiOf(resolvedModel(aModel(calls)));

  expect(components).toEqual({
    securitySchemes: {
      basic: { type: 'http', scheme: 'basic' },
      bearer: { type: 'http', scheme: 'bearer' },
      'cookie-connect.sid': { type: 'apiKey', in: 'cookie', name: 'connect.sid' },
      'header-x-api-key': { type: 'apiKey', in: 'header', name: 'x-api-key' },
      jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    },
  });
});

it('is valid with several hosts, forms, odd methods and odd names, and the same after it was stored', async () => {
  const form = {
    headers: [['content-type', 'multipart/form-data; boundary=b']] as const,
    body: Buffer.from(
      '--b\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\nx\r\n--b--\r\n',
    ),
    ...{ query: '', isCut: false },
  };
  const model = aModel([
    aCall('GET /pets', { host: 'a.example' }),
    aCall('GET /pets', { host: 'b.example', got: { $ref: 'x', a: [] } }),
    aCall('PURGE /cache', { host: '' }),
    { ...aCall('POST /{odd}/%7B'), request: form },
    aCall('GET /none', { status: 0, response: undefined }),
  ]);

  const before = openapiOf(resolvedModel(model));
  const after = openapiOf(resolvedModel(decodeModel(encodeModel(model)).model));

  expect(await new Validator().validate(structuredClone(before))).toMatchObject({ valid: true });
  expect(JSON.stringify(after)).toBe(JSON.stringify(before));
});
