import { expect, it } from 'vitest';
import { readRequestHead } from './request-head.ts';
import { traceParentOf } from './trace-parent.ts';

const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const parent = `00-${trace}-${span}-01`;

it.each([
  [parent, 1],
  [`00-${trace}-${span}-00`, 0],
  // A later version: what it has behind the flags is not for us.
  [`cc-${trace}-${span}-01-what the future will be`, 1],
  [`cc-${trace}-${span}-ff`, 255],
])('%s names a trace', (header, flags) => {
  const found = traceParentOf(header);

  expect(found?.traceId.toString('hex')).toBe(trace);
  expect(found?.spanId.toString('hex')).toBe(span);
  expect(found?.flags).toBe(flags);
});

it.each([
  '',
  'garbage',
  `ff-${trace}-${span}-01`,
  `00-${trace.toUpperCase()}-${span}-01`,
  `00-${'0'.repeat(32)}-${span}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace}-${span}-1`,
  `00-${trace}-${span}-01-more`,
  `00-${trace}-${span}-01 `,
  `00-${trace.slice(1)}-${span}-01`,
  `cc-${trace}-${span}-01.more`,
  `${parent},${parent}`,
])('"%s" names none', (header) => {
  expect(traceParentOf(header)).toBeUndefined();
});

const base64 = (text: string): Buffer => Buffer.from(Buffer.from(text).toString('base64'));
const heads: readonly (readonly [name: string, recorded: Uint8Array])[] = [
  ['in base64', base64(`GET / HTTP/1.1\r\nHost: x\r\ntraceparent: ${parent}\r\n\r\nbody`)],
  ['decoded', Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\nTRACEPARENT:${parent} \r\n\r\nbody`)],
  ['with bare line feeds', base64(`GET / HTTP/1.1\nTraceparent:\t${parent}\n\n`)],
  ['cut off behind it', base64(`GET / HTTP/1.1\r\nTraceparent: ${parent}\r\nAcc`)],
  [
    'with bytes that are no text',
    base64(`GET /\u0000\u00ff HTTP/1.1\r\nTraceparent: ${parent}\r\n\r\n`),
  ],
  [
    'behind many headers',
    base64(`GET / HTTP/1.1\r\nA: ${'b'.repeat(60_000)}\r\nTraceparent: ${parent}\r\n\r\n`),
  ],
];

it.each(heads)('a recorded request is read %s', (_, recorded) => {
  const { trace: found, version } = readRequestHead(recorded);

  expect(found?.traceId.toString('hex')).toBe(trace);
  expect(version).toBe('1.1');
});

it.each([
  ['in the body alone', `GET / HTTP/1.1\r\nHost: x\r\n\r\ntraceparent: ${parent}\r\n`],
  ['twice', `GET / HTTP/1.1\r\nTraceparent: ${parent}\r\ntraceparent: ${parent}\r\n\r\n`],
  ['in another name', `GET / HTTP/1.1\r\nX-Traceparent: ${parent}\r\n\r\n`],
  ['invalid', `GET / HTTP/1.1\r\nTraceparent: 00-${trace}-${span}\r\n\r\n`],
])('a recorded request that has it %s names no trace', (_, head) => {
  expect(readRequestHead(base64(head)).trace).toBeUndefined();
  expect(readRequestHead(Buffer.from(head)).trace).toBeUndefined();
});

it.each([
  ['GET / HTTP/1.0\r\n\r\n', '1.0'],
  ['GET / HTTP/2.0\r\n\r\n', '2'],
  ['GET / HTTP/3\r\n\r\n', '3'],
  ['GET /\r\n\r\n', ''],
  ['no request at all, but HTTP/1.1 in a later\r\nGET / HTTP/1.1\r\n', ''],
  ['', ''],
])('%j has the version "%s"', (head, version) => {
  expect(readRequestHead(base64(head)).version).toBe(version);
});

it('hostile payloads take no time and name nothing', () => {
  const recorded = [
    Buffer.from(`GET / HTTP/1.1\r\ntraceparent:${' '.repeat(200_000)}x\r\n\r\n`),
    Buffer.from('\ntraceparent:'.repeat(20_000)),
    Buffer.from('=== \u0000 ===='),
    Buffer.alloc(300_000, 0x0a),
  ];

  expect(recorded.map((each) => readRequestHead(each).trace)).toEqual(
    recorded.map(() => undefined),
  );
});
