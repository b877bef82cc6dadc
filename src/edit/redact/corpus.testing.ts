import * as zlib from 'node:zlib';
import type { RecordFields } from '../../record/encode/record-fields.ts';

/** A record with secrets in it, for the presets `secrets`, `cards` and `email`. */
export interface Sample {
  readonly name: string;
  readonly fields: RecordFields;
  /** Bytes, one character each, that must be in nothing that leaves, however deep it is decoded (deep-decode.testing.ts). */
  readonly secrets: readonly string[];
  /** What must still be there. */
  readonly sentinels: readonly string[];
}

const jwt =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJtYXJrZWQtc3ViamVjdCJ9.Zm9yZ2VkLXNpZ25hdHVyZS1tYXJrZWQ';
const token = 'Zx81-marked-token-77aQ';
const password = 'marked-pa55phrase';
const card = '4111111111111111';
const grouped = '5500 0055 5555 5559';
const dashed = '3782-822463-10005';
const mail = 'marked.person@example.com';
const awsKey = 'AKIAMARKEDKEY0123456';
const githubToken = 'ghp_MarkedMarkedMarkedMarkedMarked012345';
const pem = `-----BEGIN RSA PRIVATE KEY-----\nTWFya2VkUHJpdmF0ZUtleU1hcmtlZA==\n-----END RSA PRIVATE KEY-----`;
const pemSecret = 'TWFya2VkUHJpdmF0ZUtleU1hcmtlZA';
const kept = 'sentinel-kept-as-it-is';

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const percent = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const escapedJson = (text: string): string =>
  Array.from(text, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

function http(start: string, headers: readonly string[], body: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(body);
  const isFramed = headers.some((line) => /^(?:transfer-encoding|content-length):/i.test(line));
  const length = isFramed ? [] : [`Content-Length: ${bytes.length}`];
  const head = [start, 'Host: api.example.com', `X-Kept: ${kept}`, ...headers, ...length];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]);
}

const request = (headers: readonly string[], body?: string | Buffer, target = '/v1/things') =>
  http(`POST ${target} HTTP/1.1`, headers, body);
const response = (headers: readonly string[], body?: string | Buffer) =>
  http('HTTP/1.1 200 OK', headers, body);

/** In chunks of so many bytes. */
export function chunked(body: string | Buffer, sizes: readonly number[], trailers = ''): Buffer {
  const bytes = Buffer.from(body);
  const parts: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = Math.max(1, sizes[index % sizes.length] ?? 1);
    const chunk = bytes.subarray(at, at + size);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
    at += size;
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailers}\r\n`)]);
}

const json = 'Content-Type: application/json';
const form = 'Content-Type: application/x-www-form-urlencoded';

const sample = (
  name: string,
  fields: RecordFields,
  secrets: readonly string[],
  sentinels: readonly string[] = [kept],
): Sample => ({
  name,
  fields,
  secrets,
  sentinels,
});
const ofRequest = (
  name: string,
  message: Buffer,
  secrets: readonly string[],
  sentinels?: readonly string[],
): Sample => sample(name, { raw_request: base64(message) }, secrets, sentinels);
const ofResponse = (
  name: string,
  message: Buffer,
  secrets: readonly string[],
  sentinels?: readonly string[],
): Sample => sample(name, { raw_response: base64(message) }, secrets, sentinels);

const secretBody = JSON.stringify({
  kept,
  user: { password, roles: ['a', { accessToken: token }] },
  cards: [card, Number(card), { number: grouped }],
  note: `write to ${mail} with ${jwt}`,
});
const bodySecrets = [password, token, card, grouped, mail, jwt];

const headers: readonly (readonly [line: string, secret: string])[] = [
  [`Authorization: Bearer ${token}`, token],
  [`authorization: Basic ${base64(`joe:${password}`)}`, password],
  [`AUTHORIZATION: Token token="${token}"`, token],
  [`Proxy-Authorization: Digest username="joe", response="${token}"`, token],
  [`Cookie: theme=light-${token}; lang=en`, token],
  [`Set-Cookie: id=${token}; Path=/; HttpOnly`, token],
  [`X-Api-Key: ${token}`, token],
  [`X-Auth-Token:${token}`, token],
  [`x-amz-security-token: ${token}`, token],
  [`X-CSRF-Token: ${token}`, token],
  [`Ocp-Apim-Subscription-Key: ${token}`, token],
  [`X-Hub-Signature-256: sha256=${token}`, token],
  [`Authorization: Bearer\r\n ${token}`, token],
  [`Cookie: a=1;\r\n\tb=${token}`, token],
  [`Referer: https://x.example/cb?kept=1&access_token=${token}#top`, token],
  [`Location: https://joe:${password}@x.example/`, password],
  [`X-Custom: ${jwt}`, jwt],
  [`X-Custom: ${awsKey}`, awsKey],
  [`X-Custom: for ${mail}`, mail],
  [`X-Custom: ${card}`, card],
  [`X-Custom: ${base64(`{"password":"${password}"}`)}`, password],
  [`Link: </next?api_key=${token}>; rel="next"`, token],
];

const bodies: readonly (readonly [
  name: string,
  type: string,
  body: string | Buffer,
  secrets: readonly string[],
])[] = [
  ['JSON at depth', json, secretBody, bodySecrets],
  ['JSON with space in it', json, JSON.stringify(JSON.parse(secretBody), null, 2), bodySecrets],
  [
    'NDJSON',
    'Content-Type: application/x-ndjson',
    `{"kept":"${kept}"}\n${secretBody}\n${secretBody}`,
    bodySecrets,
  ],
  ['JSON within JSON', json, JSON.stringify({ kept, payload: secretBody }), bodySecrets],
  [
    'JSON within JSON within JSON',
    json,
    JSON.stringify({ kept, payload: JSON.stringify({ inner: secretBody }) }),
    bodySecrets,
  ],
  [
    'escaped names and values',
    json,
    `{"kept":"${kept}","pass\\u0077ord":"${password}","m":"${escapedJson(mail)}","t":"${escapedJson(jwt)}"}`,
    [password, mail, jwt],
  ],
  ['JSON that is cut off', json, `{"kept":"${kept}","password":"${password}`, [password]],
  [
    'pairs of name and value',
    json,
    JSON.stringify({ kept, headers: [{ name: 'Authorization', value: token }] }),
    [token],
  ],
  [
    'objects below a secret name',
    json,
    JSON.stringify({ kept, credentials: { user: 'joe-marked', key: token } }),
    [token, 'joe-marked'],
  ],
  ['form', form, `kept=${kept}&password=${password}&x=1`, [password]],
  [
    'form, percent-encoded',
    form,
    `kept=${kept}&pass%77ord=${percent(password)}&m=${percent(mail)}&c=${grouped.replaceAll(' ', '+')}`,
    [password, mail, grouped],
  ],
  ['form with JSON', form, `kept=${kept}&data=${encodeURIComponent(secretBody)}`, bodySecrets],
  [
    'form with a form, encoded twice',
    form,
    `kept=${kept}&u=${encodeURIComponent(`https://x/?t=1&u=${encodeURIComponent(`https://y/?token=${token}&m=${mail}`)}`)}`,
    [token, mail],
  ],
  [
    'form with nested names',
    form,
    `kept=${kept}&user[password]=${password}&user%5Bsecret%5D=${token}`,
    [password, token],
  ],
  [
    'XML',
    'Content-Type: text/xml',
    `<a kept="${kept}"><ns:Password type="x">${password}</ns:Password><b token="${token}"/><c>${mail}</c><secret><![CDATA[${jwt}]]></secret></a>`,
    [password, token, mail, jwt],
  ],
  [
    'text',
    'Content-Type: text/plain',
    `${kept} password: ${password}\napi_key=${token}, card ${grouped} or ${dashed}; ${mail}\n${awsKey} ${githubToken}`,
    [password, token, grouped, dashed, mail, awsKey, githubToken],
  ],
  ['keys', 'Content-Type: text/plain', `${kept}\n${pem}\n`, [pemSecret]],
  ['keys in JSON', json, JSON.stringify({ kept, pem }), [pemSecret]],
  [
    'logins in URLs',
    json,
    JSON.stringify({
      kept,
      dsn: `postgres://joe:${password}@db.internal/x`,
      git: `https://${token}@git.internal/`,
    }),
    [password, token],
  ],
  ['base64', json, JSON.stringify({ kept, data: base64(secretBody) }), bodySecrets],
  [
    'base64 in base64',
    json,
    JSON.stringify({ kept, data: base64(`v1 ${base64(secretBody)}`) }),
    bodySecrets,
  ],
  [
    'base64url',
    json,
    JSON.stringify({ kept, data: Buffer.from(secretBody).toString('base64url') }),
    bodySecrets,
  ],
  [
    'base64, percent-encoded',
    form,
    `kept=${kept}&data=${encodeURIComponent(base64(secretBody))}`,
    bodySecrets,
  ],
  [
    'base64 in a path',
    json,
    JSON.stringify({
      kept,
      url: `/callback/${Buffer.from(`token=${token}&x=${mail}`).toString('base64url')}/end`,
    }),
    [token, mail],
  ],
  [
    'invalid UTF-8',
    'Content-Type: application/octet-stream',
    Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x80, 0xc3]),
      Buffer.from(`${kept}\x00"password":"${password}"\xff`, 'latin1'),
      Buffer.from([0xe2, 0x28, 0xa1]),
      Buffer.from(mail),
    ]),
    [password, mail],
  ],
  ['UTF-16', json, utf16(secretBody), [password, token, card, grouped, mail, jwt]],
  [
    'UTF-16 by charset',
    'Content-Type: application/json; charset=utf-16le',
    Buffer.from(secretBody, 'utf16le'),
    bodySecrets,
  ],
  [
    'multipart',
    'Content-Type: multipart/form-data; boundary="b-0"',
    [
      'preamble',
      `--b-0\r\nContent-Disposition: form-data; name="kept"\r\n\r\n${kept}`,
      `--b-0\r\nContent-Disposition: form-data; name="password"\r\n\r\n${password}`,
      `--b-0\r\nContent-Disposition: form-data; name="f"; filename="${mail}"\r\nContent-Type: application/octet-stream\r\n\r\n\x00\x01${card}\x00`,
      `--b-0\r\nContent-Disposition: form-data; name="j"\r\nContent-Type: application/json\r\n\r\n${secretBody}`,
      `--b-0\r\nContent-Disposition: form-data; name="z"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(secretBody).replaceAll(/(.{76})/g, '$1\r\n')}`,
      '--b-0--\r\n',
    ].join('\r\n'),
    [...bodySecrets],
  ],
  ['no type', 'X-Nothing: 1', secretBody, bodySecrets],
  ['a type that is wrong', 'Content-Type: image/png', secretBody, bodySecrets],
];

const codings: readonly (readonly [name: string, encode: (body: Buffer) => Buffer])[] = [
  ['gzip', zlib.gzipSync],
  ['br', zlib.brotliCompressSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['gzip, br', (body) => zlib.brotliCompressSync(zlib.gzipSync(body))],
  ['zstd', () => Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.from(secretBody)])],
];

/** Every field that may repeat a secret. */
const smallFields: readonly Sample[] = [
  sample(
    'the fields of a record',
    {
      path: `/u/${mail}/${kept}`,
      raw_path: `/u?token=${token}`,
      original_path: `/o/${jwt}`,
      listen_path: `/l/${card}/`,
      user_agent: `agent (${mail}) ${kept}`,
      alias: mail,
      api_key: 'fine',
      tags: [`mail-${mail}`, kept, `key-${awsKey}`],
      host: `joe:${password}@example.com`.replace(/^/, 'https://'),
      oauth_id: githubToken,
    },
    [mail, token, jwt, card, awsKey, githubToken, password],
  ),
  sample(
    'a key that is repeated',
    {
      raw_request: base64(request([`X-Api-Key: ${token}`])),
      raw_response: base64(
        response([json], JSON.stringify({ kept, you: `are ${token}`, encoded: percent(token) })),
      ),
      path: `/v1/${token}/x`,
      api_key: token,
      alias: `alias of ${token}`,
      tags: [`key-${token}`, kept],
      user_agent: `curl/${encodeURIComponent(token)}`,
    },
    [token],
  ),
  sample(
    'a cookie that is repeated',
    {
      raw_request: base64(request([`Cookie: sid=${percent('marked value+1')}`])),
      alias: `marked value+1 ${kept}`,
    },
    ['marked value+1'],
  ),
  sample(
    'GraphQL',
    {
      graphql_stats: {
        IsGraphQL: true,
        HasErrors: true,
        Variables: base64(secretBody),
        RootFields: [kept, mail],
        Errors: [{ message: `no user ${mail} ${kept}`, path: ['user', mail, 0] }],
      },
    },
    bodySecrets,
  ),
];

/** All samples. */
export function secretSamples(): readonly Sample[] {
  return [
    ...smallFields,
    ...headers.flatMap(([line, secret]) => [
      ofRequest(`request header ${line.slice(0, 40)}`, request([line], kept), [secret]),
      ofResponse(`response header ${line.slice(0, 40)}`, response([line], kept), [secret]),
    ]),
    ofRequest('repeated headers', request([`X-Api-Key: ${token}`, `x-api-key: ${password}`]), [
      token,
      password,
    ]),
    ofRequest(
      'the query of a request',
      request([], '', `/a?kept=${kept}&apikey=${token}&m=${percent(mail)}`),
      [token, mail],
    ),
    ...bodies.flatMap(([name, type, body, secrets]) => [
      ofRequest(`${name}, request`, request([type], body), secrets),
      ofResponse(`${name}, response`, response([type], body), secrets),
      ...[[1], [3, 7], [64]].map((sizes) =>
        ofResponse(
          `${name}, chunks of ${sizes.join()}`,
          response([type, 'Transfer-Encoding: chunked'], chunked(body, sizes)),
          secrets,
        ),
      ),
      ofRequest(
        `${name}, gzip`,
        request([type, 'Content-Encoding: gzip'], zlib.gzipSync(body)),
        secrets,
      ),
      sample(`${name}, not in base64`, { raw_request: request([type], body) }, secrets),
    ]),
    ...codings.flatMap(([coding, encode]) => {
      const body = encode(Buffer.from(secretBody));
      return [
        ofResponse(
          `compressed ${coding}`,
          response([json, `Content-Encoding: ${coding}`], body),
          bodySecrets,
        ),
        ofResponse(
          `compressed ${coding} in chunks`,
          response(
            [json, `Content-Encoding: ${coding}`, 'Transfer-Encoding: chunked'],
            chunked(body, [5, 11]),
          ),
          bodySecrets,
        ),
        ofResponse(
          `compressed ${coding}, cut off`,
          response([json, `Content-Encoding: ${coding}`], body.subarray(0, -9)),
          bodySecrets,
        ),
      ];
    }),
    ofResponse(
      'gzip without a header',
      response(['Content-Type: application/gzip'], zlib.gzipSync(secretBody)),
      bodySecrets,
    ),
    ofResponse(
      'trailers',
      response(['Transfer-Encoding: chunked'], chunked('text', [2], `X-Auth-Token: ${token}\r\n`)),
      [token],
    ),
    ofResponse(
      'broken chunks',
      response(['Transfer-Encoding: chunked'], `5\r\nabc${token.slice(0, 2)}\r\n${token}`),
      [token],
    ),
    ofRequest(
      'a head that is cut off',
      request([`Authorization: Bearer ${token}`]).subarray(0, -20),
      [token.slice(0, 12)],
    ),
    ofRequest(
      'a body that is cut off',
      http('POST / HTTP/1.1', ['Content-Length: 999'], `{"a":"${mail.slice(0, -4)}`),
      [mail.slice(0, -4)],
    ),
    sample(
      'base64 that is cut off',
      { raw_request: base64(request([json], secretBody)).slice(0, -7), alias: kept },
      bodySecrets,
    ),
    sample(
      'no message at all',
      { raw_request: `\xff garbage password=${password} ${mail} ${kept}` },
      [password, mail],
    ),
  ];
}
