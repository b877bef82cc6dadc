import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chunked } from './corpus.testing.ts';
import { leaksIn } from './deep-decode.testing.ts';
import {
  allPresets,
  MemoryTexts,
  message,
  payloadOf,
  recorded,
  redactionOf,
} from './texts.testing.ts';

const secret = 'Zx81MarkedValue77';
const mail = 'marked.person@example.com';
const card = '4111111111111111';
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const long = JSON.stringify({
  a: 'x'.repeat(90),
  password: secret,
  to: mail,
  c: card,
  b: 'y'.repeat(90),
});
const lines = (text: string, width: number): string =>
  base64(text).replaceAll(new RegExp(`(.{${width}})(?=.)`, 'g'), '$1\n');

/** What people put into bodies, however unlikely. */
const bodies: readonly (readonly [type: string, body: string | Buffer])[] = [
  ['text/plain', `TOKEN=${secret}`],
  ['text/plain', `export API_KEY="${secret}"`],
  ['text/plain', `curl --password ${secret} --token=${secret} -H 'X-Api-Key: ${secret}'`],
  ['text/plain', `password = ${secret}\nuser = joe`],
  ['text/yaml', `db:\n  password: ${secret}\n  token: simpleword`],
  ['text/plain', `X-Api-Key: ${secret} and more of it ${secret}`],
  ['text/plain', `Authorization: Digest username="joe", response="${secret}"`],
  ['text/plain', `Server=x;Password=${secret};Database=y`],
  ['text/plain', `AccountKey=${base64(secret)};EndpointSuffix=core`],
  ['text/html', `<a href="/x;jsessionid=${secret}?a=1">x</a>`],
  [
    'text/html',
    `<div data-x="{&quot;password&quot;:&quot;${secret}&quot;}">${mail.replace('@', '&#64;')}</div>`,
  ],
  [
    'text/html',
    `<a href="/x?a=1&amp;token=${secret}/${secret}">${mail.replace('@', '&commat;')}</a>`,
  ],
  ['text/html', `<input value="1"><input type="hidden" name="csrf_token" value="${secret}"/>`],
  ['text/xml', `<param name="password">${secret}</param>`],
  ['text/xml', `<entry key="api.key" >${secret}</entry>`],
  ['text/xml', `<dict><key>password</key>\n  <string>${secret}</string></dict>`],
  ['text/xml', `<wsse:Password Type="x#PasswordText">${secret}</wsse:Password>`],
  [
    'application/json',
    JSON.stringify({ query: `mutation { login(user: "joe", password: "${secret}") { token } }` }),
  ],
  [
    'application/json',
    JSON.stringify({ query: `{ a }`, variables: { input: { newPassword: secret } } }),
  ],
  ['application/json', JSON.stringify([{ key: 'apiKey', value: secret }])],
  [
    'application/json',
    JSON.stringify({ headers: { Cookie: `a=${secret}`, 'Set-Cookie': [`b=${secret}; Path=/`] } }),
  ],
  ['application/json', JSON.stringify({ headers: { Authorization: [`Bearer ${secret}`] } })],
  ['application/json', `{"otp": ${card}, "pin":"${secret}"}`],
  ['application/json', `{ "password"\n:\n"${secret}" }`],
  ['application/json', `{"password":"a\\"${secret}"}`],
  ['application/json', `{"password":["${secret}"], "x": {"tokens": {"a": "${secret}"}}}`],
  ['application/json', `{"a":"\\u007b\\u0022token\\u0022:\\u0022${secret}\\u0022}"}`],
  ['application/json', `\xef\xbb\xbf{"token":"${secret}"}`],
  ['application/json', JSON.stringify({ file: lines(long, 76) })],
  ['application/json', JSON.stringify({ file: base64(zlib.gzipSync(long)) })],
  ['application/json', JSON.stringify({ file: base64(Buffer.from(`\ufeff${long}`, 'utf16le')) })],
  ['application/json', JSON.stringify({ file: Buffer.from(long).toString('hex') })],
  ['application/json', JSON.stringify({ file: `data:application/json;base64,${base64(long)}` })],
  ['text/plain', lines(long, 64)],
  ['text/plain', `id=${base64(long).replaceAll('=', '')}`],
  [
    'application/x-www-form-urlencoded',
    `password[]=${secret}&a[token][0]=${secret}&b%5Bsecret%5D%5B%5D=${secret}`,
  ],
  ['application/x-www-form-urlencoded', `password=+${secret}+${secret}&x=1`],
  ['application/x-www-form-urlencoded', `json=${encodeURIComponent(encodeURIComponent(long))}`],
  ['application/x-www-form-urlencoded', `card=4111+1111+1111+1111&m=${encodeURIComponent(mail)}`],
  ['application/x-ndjson', `{"a":1}\n{"token":"${secret}"}\n{"b":"${mail}"}\n`],
  [
    'multipart/mixed; boundary=b',
    `--b\r\nContent-Type: application/http\r\n\r\nGET /a?b=${secret} HTTP/1.1\r\nX-Api-Key: ${secret}\r\nCookie: a=${secret}\r\n\r\n\r\n--b--`,
  ],
  [
    'multipart/mixed; boundary=b',
    `--b\nContent-Transfer-Encoding: quoted-printable\n\npassword=3D${secret.slice(0, 5)}=\n${secret.slice(5)}\n\n${mail.replace('@', '=40')}\n--b--`,
  ],
  [
    'multipart/form-data; boundary=b',
    `--b\r\nContent-Disposition: form-data; name=token\r\n\r\n${secret}\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="f.gz"\r\n\r\n`,
  ],
  [
    'multipart/form-data',
    `--zz\r\nContent-Disposition: form-data; name="password"\r\n\r\n${secret}\r\n--zz--\r\n`,
  ],
  [
    'multipart/form-data; boundary=other',
    `--zz\r\nContent-Disposition: form-data; name="password"\r\n\r\n${secret}\r\n--zz--\r\n`,
  ],
  [
    'application/grpc',
    Buffer.concat([
      Buffer.from([0, 0, 0, 0, 40, 0x0a, 25]),
      Buffer.from(mail),
      Buffer.from([0x12, 16]),
      Buffer.from(card),
    ]),
  ],
  [
    'text/plain; charset=utf-32',
    Buffer.from(Array.from(long).flatMap((letter) => [0, 0, 0, letter.charCodeAt(0)])),
  ],
  ['text/event-stream', `data: {"token":"${secret}"}\n\ndata: {"to":"${mail}"}\n\n`],
  ['text/plain', `${mail}${mail} <${mail}>,"${mail}";mailto:${mail}?x ${mail.toUpperCase()}`],
  ['text/plain', `4111-1111-1111-1111 4111 1111 1111 1111,4111111111111111;x4111111111111111y`],
  [
    'text/plain',
    `https://joe:${secret}@h/ ftp://${secret}@h //joe:${secret}@h postgres://u:${secret}%40x@h/db`,
  ],
  ['text/plain', `{'password':'a\\'${secret}'}, {"a": {\\"token\\": \\"b\\\\\\"${secret}\\"}}`],
  ['text/plain', `/reset-token/${secret}/x?hmac=${secret}`],
  [
    'application/json',
    `{"pin":"abcdefg","b":"${base64('abcdefg')}","c":"${base64(`is ${base64('abcdefg')} so`)}"}`,
  ],
  ['application/json', `{"n":${card}.0,"m":[${card}.00]}`],
  ['text/plain', `https://x/cb?code=${secret}&state=1`],
  ['text/plain', `4111\u00a01111\u00a01111\u00a01111`],
  ['text/plain', `card 4111.1111.1111.1111, next`],
  ['application/json', JSON.stringify({ a: `Bearer ${secret}==`, b: 1 })],
  ['application/json', JSON.stringify({ 'user[password]': secret, 'a[0].token': secret })],
  ['application/json', JSON.stringify({ headers: [['password', secret]] })],
  ['application/json', `{"\\u0063vv":"${secret}"}`],
  [
    'application/json',
    JSON.stringify({ pin_code: secret, seedPhrase: secret, connectionString: secret, pw: secret }),
  ],
  [
    'application/json',
    JSON.stringify({ verification_code: secret, 'security-code': secret, mnemonic: secret }),
  ],
  ['application/json', JSON.stringify({ file: zlib.deflateSync(long).toString('base64url') })],
  ['application/json', JSON.stringify({ file: base64(`{"note":"jöß ${long}`) })],
  ['text/plain', `a:1:{s:8:"password";s:17:"${secret}";}`],
  ['text/yaml', `a:\n  password: |\n    first ${secret}\n    second ${secret}\nb: 1`],
  ['text/yaml', `password: word ${secret} # of many words`],
  ['text/plain', `password = word ${secret}`],
  ['text/plain', `mysql://root:${secret}/${secret}@db:3306/x, https://app/?ticket=${secret}`],
  [
    'text/plain',
    `GOCSPX-${secret}${secret} 1//0${secret}${secret} dapi${'0123456789abcdef'.repeat(2)}`,
  ],
  ['text/plain', `to "marked person"@example.com or marked@[192.0.2.1] or [IPv6:2001:db8::1]`],
  ['application/json', JSON.stringify({ to: '"marked person"@example.com' })],
  ['text/xml', `<a>m&#228;rked@m&#xfc;nchen.de</a><b>&lt;token>${secret}&lt;/token></b>`],
  ['text/javascript', `to = "${mail.replace('@', '\\x40')}"`],
  [
    'multipart/form-data; boundary=b',
    Buffer.concat([
      Buffer.from('--b\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n'),
      zlib.gzipSync(long),
      Buffer.from('\r\n--b\r\nContent-Encoding: br\r\n\r\n'),
      zlib.brotliCompressSync(long),
      Buffer.from('\r\n--b\r\n\r\n'),
      zlib.deflateSync(long),
      Buffer.from('\r\n--b\r\nContent-Encoding: gzip\r\n\r\n'),
      zlib.gzipSync(long).subarray(0, -9),
      Buffer.from('\r\n--b--\r\n'),
    ]),
  ],
  ['text/plain', chunked(long, [9])],
  ['application/json', zlib.gzipSync(zlib.deflateSync(long))],
  ['text/yaml', `X-Api-Key: |-\n  ${secret}\nb: 1`],
  [
    'application/x-www-form-urlencoded',
    `a=${Array.from(Buffer.from(long, 'utf16le'), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}&b=1`,
  ],
  ['application/json', JSON.stringify({ wide: Buffer.from(long, 'utf16le').toString('latin1') })],
  [
    'application/json',
    JSON.stringify({ file: base64(Buffer.from(JSON.stringify({ a: base64(long) }), 'utf16le')) }),
  ],
  [
    'application/http',
    Buffer.concat([
      Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n'),
      zlib.brotliCompressSync(long),
    ]),
  ],
];

const forms = [
  'marked person',
  'ünchen',
  '[192.0.2',
  '4111.1111',
  'dapi01',
  mail.replace('@', '\\x40'),
];

/** What looks like a secret, and is none. */
const innocent: readonly (readonly [type: string, body: string])[] = [
  ['text/xml', '<tokens>5</tokens><author>Ann</author><passed>3</passed>'],
  ['text/html', '<p>Session: 3 of 5</p><p>a &lt; b &amp;&amp; c &gt; d &#228;&ouml; &#8364;</p>'],
  ['text/plain', 'pass: 12\nfail: 3\ncode: |\n  echo hi\n'],
  [
    'text/plain',
    'https://medium.com/@joe/x http://localhost:3000/@vite/client http://[2001:db8::1]/@x',
  ],
  ['text/plain', 'x^2 + y^2, 4.111.1111.1111, 4111.1111 1234.5678, 2024.0101.2025.0202, 10.0.0.1'],
  [
    'application/json',
    JSON.stringify({
      required: ['password', 'user1'],
      code: 'E1234',
      ticket: 'SUP-12345',
      string: 's1',
    }),
  ],
  [
    'application/json',
    JSON.stringify({ id: '550e8400-e29b-41d4-a716-446655440000', verification: 'x1' }),
  ],
  ['text/plain', 'WWW-Authenticate: Bearer realm="api", error="invalid_token"'],
];

const forbidden = [
  ...forms,
  secret,
  secret.slice(5),
  mail,
  mail.toUpperCase(),
  card,
  '4111-1111',
  '4111 1111',
  '4111+1111',
  'simpleword',
];

describe('what only looks like a secret', async () => {
  const redaction = await redactionOf(allPresets);

  it.each(innocent)('%s: %s', (type, body) => {
    const raw = recorded(message('HTTP/1.1 200 OK', [`Content-Type: ${type}`], body));
    const texts = new MemoryTexts({ raw_response: raw });
    expect(redaction.redact(texts).places).toBe(0);
    expect(texts.get('raw_response')).toBe(raw);
  });

  it.each(['Idempotency-Key', 'Sec-WebSocket-Key', 'Surrogate-Key', 'X-Cache-Key'])(
    '%s',
    (name) => {
      const raw = recorded(message('HTTP/1.1 200 OK', [`${name}: ${secret}`]));
      const texts = new MemoryTexts({ raw_response: raw });
      redaction.redact(texts);
      expect(texts.get('raw_response')).toBe(raw);
    },
  );
});

it('heads as HTTP/2 has them', async () => {
  const body = `--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(long)}\r\n--b--`;
  const head = `:method: POST\r\n:path: /a?token=${secret}\r\ncookie: a=${secret}\r\ncontent-type: multipart/mixed; boundary=b`;
  const texts = new MemoryTexts({ raw_request: recorded(`${head}\r\n\r\n${body}`) });
  (await redactionOf(allPresets)).redact(texts);
  expect(leaksIn(Buffer.from(texts.get('raw_request')), forbidden)).toEqual([]);
});

describe('headers of vendors', async () => {
  const redaction = await redactionOf(allPresets);

  it.each([
    'Fastly-Key',
    'X-Gotify-Key',
    'X-Tyk-Key',
    'X-JFrog-Art-Api',
    'X-Ms-Client-Principal',
    'X-Amzn-Oidc-Data',
    'DPoP',
  ])('%s', (name) => {
    const texts = new MemoryTexts({
      raw_request: recorded(message('GET / HTTP/1.1', [`${name}: ${secret}`])),
    });
    redaction.redact(texts);
    expect(payloadOf(texts, 'raw_request')).not.toContain(secret);
  });

  it('Set-Cookie with a value in quotes that holds a semicolon', () => {
    const texts = new MemoryTexts({
      raw_response: recorded(message('HTTP/1.1 200 OK', [`Set-Cookie: a="b;${secret}"; Path=/`])),
    });
    redaction.redact(texts);
    expect(payloadOf(texts, 'raw_response')).not.toContain(secret);
    expect(payloadOf(texts, 'raw_response')).toContain('; Path=/');
  });
});

describe('what cannot be decompressed', async () => {
  const redaction = await redactionOf({ ...allPresets, decodedBytes: 2_000 });
  const large = 'x'.repeat(1_500);

  it.each([
    ['larger than the limit', zlib.deflateSync('x'.repeat(3_000))],
    ['cut off', zlib.deflateSync(long).subarray(0, -9)],
  ])('goes as a whole where no header tells of it: %s', (_, body) => {
    const texts = new MemoryTexts({ raw_response: recorded(message('HTTP/1.1 200 OK', [], body)) });
    expect(redaction.redact(texts).isFailed).toBe(true);
    expect(payloadOf(texts, 'raw_response')).toMatch(/\r\n\r\n\[redacted\]$/);
  });

  it('is opened within a body up to twice what a body may have, all together', () => {
    const files = [1, 2, 3, 4].map(() => base64(zlib.gzipSync(large)));
    const texts = new MemoryTexts({
      raw_response: recorded(message('HTTP/1.1 200 OK', [], JSON.stringify(files))),
    });
    redaction.redact(texts);
    const [, body = ''] = payloadOf(texts, 'raw_response').split('\r\n\r\n');
    const left: unknown = JSON.parse(body);
    expect(left).toEqual([...files.slice(0, 2), base64('[redacted]'), base64('[redacted]')]);
  });
});

describe('bodies of every kind', async () => {
  const redaction = await redactionOf(allPresets);

  it.each(bodies)('%s: %s', (type, body) => {
    for (const payload of [
      message('HTTP/1.1 200 OK', [`Content-Type: ${type}`], body),
      message(
        'HTTP/1.1 200 OK',
        [`Content-Type: ${type}`, 'Content-Encoding: gzip'],
        zlib.gzipSync(body),
      ),
    ]) {
      const texts = new MemoryTexts({ raw_response: recorded(payload) });
      redaction.redact(texts);
      const left = texts.get('raw_response');

      expect(leaksIn(Buffer.from(left), forbidden)).toEqual([]);
      redaction.redact(texts);
      expect(texts.get('raw_response')).toBe(left);
    }
    expect(payloadOf(new MemoryTexts({ raw_response: '' }), 'raw_response')).toBe('');
  });
});
