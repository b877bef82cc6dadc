import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envoyLine } from './envoy.ts';
import { exchangeOf } from './exchange.ts';
import { nginxLine } from './nginx.ts';

const plain = { isTimed: false };
const nginx = (more: {
  client?: string;
  user?: string;
  request?: string;
  agent?: string;
  tail?: string;
}) =>
  `${more.client ?? '203.0.113.7'} - ${more.user ?? '-'} [01/Dec/2026:11:00:02 +0100] "${more.request ?? 'GET /orders?full=1 HTTP/1.1'}" 200 512 "-" "${more.agent ?? 'curl/8'}"${more.tail ?? ''}`;

describe('a line of nginx', () => {
  it('is read', () => {
    expect(nginxLine(nginx({}), plain)).toEqual({
      ...{ startedAt: Date.UTC(2026, 11, 1, 10, 0, 2), method: 'GET', target: '/orders?full=1' },
      ...{
        httpVersion: '1.1',
        status: 200,
        client: '203.0.113.7',
        userAgent: 'curl/8',
        referer: '',
      },
      ...{ host: '', server: '', received: 0, sent: 512, total: 0, upstream: 0, error: '' },
    });
  });

  it('has the time that the call took, where the format has it', () => {
    expect(nginxLine(nginx({ tail: ' 1.250' }), { isTimed: true })).toMatchObject({
      ...{ startedAt: Date.UTC(2026, 11, 1, 10, 0, 0) + 750, total: 1250 },
    });
    expect(nginxLine(nginx({}), { isTimed: true })).toBe('it is not of the format');
    expect(nginxLine(nginx({ tail: ' 1.250' }), plain)).toBe('it is not of the format');
  });

  it.each([
    [{ client: '2001:db8::1' }, { client: '2001:db8::1' }],
    [{ client: 'unix:' }, { client: '' }],
    [{ user: 'a b] "x' }, { status: 200 }],
    [{ agent: 'a \\x22b\\x22 \\\\ \\xC3\\xA9' }, { userAgent: 'a "b" \\ \xc3\xa9' }],
    [{ agent: 'é' }, { userAgent: '\xc3\xa9' }],
    [{ request: 'GET /a b\\x0AEvil: 1 HTTP/1.1' }, { target: '/a%20b%0AEvil:%201' }],
    [{ request: 'PRI * HTTP/2.0' }, { method: 'PRI', target: '*', httpVersion: '2.0' }],
    [{ request: 'GET /x' }, { target: '/x', httpVersion: '1.1' }],
  ])('%j', (more, fields) => {
    expect(nginxLine(nginx(more), plain)).toMatchObject(fields);
  });

  it.each([
    ['', 'it is not of the format'],
    [nginx({}).slice(0, 60), 'it is not of the format'],
    [nginx({}).replace('Dec', 'Dez'), 'its time is not of the format'],
    [nginx({ request: '-' }), 'it has no request'],
    [nginx({ request: '\\x16\\x03\\x01\\x02\\x00' }), 'it has no request'],
  ])('%j: %s', (line, words) => {
    expect(nginxLine(line, plain)).toBe(words);
  });
});

const envoy = (more: { head?: string; forwarded?: string; server?: string } = {}) =>
  `[2026-12-01T10:00:00.310Z] ${more.head ?? '"POST /api/v1 HTTP/2" 204 - 154 7 226 100'} "${more.forwarded ?? '10.0.35.28'}" "nsq2http" "cc21d9b0" "locations" "${more.server ?? 'tcp://10.0.2.1:80'}"`;

describe('a line of Envoy', () => {
  it('is read', () => {
    expect(envoyLine(envoy())).toEqual({
      ...{ startedAt: Date.UTC(2026, 11, 1, 10) + 310, method: 'POST', target: '/api/v1' },
      ...{
        httpVersion: '2.0',
        status: 204,
        client: '10.0.35.28',
        userAgent: 'nsq2http',
        referer: '',
      },
      ...{ host: 'locations', server: '10.0.2.1:80', received: 154, sent: 7, total: 226 },
      ...{ upstream: 100, error: '' },
    });
  });

  it.each([
    [{ head: '"GET / HTTP/1.1" 503 UF 0 91 5 -' }, { status: 503, upstream: 0, error: '' }],
    [{ head: '"GET / HTTP/1.1" 0 DC 0 0 5 -' }, { status: 0, error: 'aborted' }],
    [{ head: '"GET / HTTP/1.1" 0 UF,URX 0 0 5 -' }, { status: 0, error: 'refused' }],
    [{ head: '"GET / HTTP/1.1" 0 UT 0 0 5 -' }, { status: 0, error: 'timeout' }],
    [{ forwarded: '6.6.6.6, 2001:db8::1' }, { client: '2001:db8::1' }],
    [
      { forwarded: '-', server: '-' },
      { client: '', server: '' },
    ],
  ])('%j', (more, fields) => {
    expect(envoyLine(envoy(more))).toMatchObject(fields);
  });

  it.each([
    ['x', 'it is not of the format'],
    [envoy({ head: '"- - -" 0 - 0 0 0 -' }), 'it has no request'],
    [envoy().replace('2026', 'then'), 'its time is not of the format'],
  ])('%j: %s', (line, words) => {
    expect(envoyLine(line)).toBe(words);
  });
});

it('becomes an exchange without payloads', () => {
  const fields = envoyLine(envoy());
  if (typeof fields === 'string') throw new Error(fields);

  expect(
    exchangeOf(fields, { direction: 'in', host: 'x', call: { apiName: 'Shop' } }),
  ).toMatchObject({
    ...{ source: 'access-log', direction: 'in', latency: { total: 226, upstream: 100 } },
    ...{ server: { address: '10.0.2.1', port: 80 }, bytesIn: 154, bytesOut: 7 },
    request: { host: 'locations', rawHeaders: ['User-Agent', 'nsq2http'], body: { length: 154 } },
    call: { apiName: 'Shop', isDetailed: false },
  });
});

it('never throws or hangs, whatever a line is', () => {
  const bits = fc.constantFrom(
    '"',
    '\\',
    '\\x',
    '[',
    ']',
    ' ',
    ' - ',
    '-',
    '0',
    '200',
    'GET / HTTP/1.1',
    '01/Dec/2026:11:00:02 +0100',
    '\n',
  );
  const lines = fc.oneof(
    fc.array(bits, { maxLength: 60 }).map((all) => all.join('')),
    fc.tuple(fc.string(), fc.string()).map(([agent, request]) => nginx({ agent, request })),
    fc.string(),
  );
  fc.assert(
    fc.property(lines, (line) => {
      for (const read of [
        envoyLine(line),
        nginxLine(line, plain),
        nginxLine(line, { isTimed: true }),
      ])
        if (typeof read !== 'string') expect(read.target).not.toMatch(/[\s]/);
    }),
  );
  for (const hostile of [
    '" '.repeat(30_000),
    `1 - ${'['.repeat(60_000)}`,
    `1 - - [x] "${'\\'.repeat(60_000)}`,
    `1 - ${'a [b] "c" '.repeat(6000)}`,
  ]) {
    envoyLine(hostile);
    nginxLine(hostile, plain);
  }
});
