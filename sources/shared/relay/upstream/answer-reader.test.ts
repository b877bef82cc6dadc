import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mutatedAnswers, readByNode, readByUs, validAnswers } from './answer-reader.testing.ts';

const runs = { numRuns: 300 };
const methods = fc.constantFrom('GET', 'POST');

test('an answer means the same wherever it is cut, and the same as to Node', async () => {
  await fc.assert(
    fc.asyncProperty(validAnswers, methods, fc.array(fc.nat()), async (text, method, cuts) => {
      const bytes = Buffer.from(text, 'latin1');
      const whole = readByUs([bytes], method);
      expect(whole).not.toBe('refused');
      expect(whole).toEqual(await readByNode(bytes, method));
      const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
      const parts = [0, ...places].map((at, index) => bytes.subarray(at, places[index]));
      expect(readByUs(parts, method)).toEqual(whole);
    }),
    runs,
  );
});

test('an answer cut after each of its bytes means the same', () => {
  const text =
    'HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na;x=1\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n';
  const bytes = Buffer.from(text);
  const expected = {
    ...{ informed: [103], status: 200, body: '0123456789', trailers: ['X-Sum', '1'] },
    rawHeaders: ['Transfer-Encoding', 'chunked'],
  };
  for (let at = 0; at <= bytes.length; at++)
    expect(readByUs([bytes.subarray(0, at), bytes.subarray(at)], 'GET')).toEqual(expected);
  expect(
    readByUs(
      [...bytes].map((byte) => Buffer.from([byte])),
      'GET',
    ),
  ).toEqual(expected);
});

test('what is not refused of a mutated answer is what Node makes of it', async () => {
  await fc.assert(
    fc.asyncProperty(mutatedAnswers, methods, async (text, method) => {
      // Node takes spaces around a length and no tabs; RFC 9110 makes no difference.
      if (/length:[^\r\n]*\t/i.test(text)) return;
      const bytes = Buffer.from(text, 'latin1');
      const ours = readByUs([bytes], method);
      if (ours !== 'refused') expect(ours).toEqual(await readByNode(bytes, method));
    }),
    { numRuns: 1500 },
  );
});

const ok = 'HTTP/1.1 200 OK\r\n';
test.each<[string, string]>([
  ['two lengths', `${ok}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`],
  [
    'a length beside chunks',
    `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['a length with a sign', `${ok}Content-Length: +1\r\n\r\na`],
  ['a length in a list', `${ok}Content-Length: 1, 1\r\n\r\na`],
  ['another coding', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['a folded header', `${ok}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`],
  ['a space before a colon', `${ok}Content-Length : 1\r\n\r\na`],
  ['a header without a colon', `${ok}nonsense\r\n\r\n`],
  ['a bare LF', `${ok}X: a\nY: b\r\nContent-Length: 0\r\n\r\n`],
  ['a bare CR', `${ok}X: a\rY: b\r\nContent-Length: 0\r\n\r\n`],
  ['lines that end with LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['a NUL', `${ok}X: a\0\r\nContent-Length: 0\r\n\r\n`],
  ['another protocol', 'ICY 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['another version', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a change of protocol', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n'],
  [
    'a chunk of a size that is none',
    `${ok}Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n`,
  ],
  [
    'a chunk that is longer than it says',
    `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`,
  ],
  ['a chunk that ends with LF', `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n`],
  [
    'a length among the trailers',
    `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n`,
  ],
  [
    'a chunk with an extension that is quoted',
    `${ok}Transfer-Encoding: chunked\r\n\r\n1;a="\r\n"\r\na\r\n0\r\n\r\n`,
  ],
  ['an interim answer that is the last', 'HTTP/1.1 102 x\r\nConnection: close\r\n\r\n'],
  ['a body that is cut', `${ok}Content-Length: 2\r\n\r\na`],
  ['chunks that are cut', `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`],
])('%s: refused', (_, text) => {
  expect(readByUs([Buffer.from(text, 'latin1')], 'GET')).toBe('refused');
});
