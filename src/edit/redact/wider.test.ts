import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
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
];

const forbidden = [
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
