import { request } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { Malformed } from '../wire/malformed.ts';
import { AnswerReader } from './answer-reader.ts';

/** What a reader made of an answer. */
export interface Read {
  readonly informed: readonly number[];
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

const headBytes = 64 * 1024;

/** By our reader, in these parts, and then the end of the connection. `refused`: malformed, cut, or with something behind it. */
export function readByUs(parts: readonly Buffer[], method: string): Read | 'refused' {
  const reader = new AnswerReader(headBytes);
  const read = { informed: [] as number[], status: 0, rawHeaders: [] as readonly string[] };
  let body = '';
  let trailers: readonly string[] | undefined;
  reader.expect({
    method,
    isUpgrade: false,
    onInform: (status) => void read.informed.push(status),
    onHead({ status, rawHeaders }) {
      read.status = status;
      read.rawHeaders = rawHeaders;
    },
    onData(chunk) {
      body += chunk.toString('latin1');
    },
    onEnd(found) {
      trailers = found;
    },
    onSwitch() {
      throw new Error('nobody has asked for it');
    },
  });
  try {
    for (const part of parts) if (reader.read(part) < part.length) return 'refused';
    if (trailers === undefined) reader.end();
  } catch (error) {
    if (error instanceof Malformed) return 'refused';
    throw error;
  }
  return trailers === undefined ? 'refused' : { ...read, body, trailers };
}

/** By Node's own client. */
export function readByNode(bytes: Buffer, method: string): Promise<Read | 'refused'> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
    const asked = request({ method, host: 'a', createConnection: () => socket });
    const informed: number[] = [];
    const refuse = (): void => {
      socket.destroy();
      resolve('refused');
    };
    asked.on('error', refuse);
    asked.on('upgrade', refuse);
    asked.on('information', ({ statusCode }) => informed.push(statusCode));
    asked.on('response', (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString('latin1');
      });
      answer.on('error', refuse);
      answer.on('end', () =>
        resolve({
          ...{ informed, status: answer.statusCode ?? 0, body },
          rawHeaders: answer.rawHeaders,
          trailers: answer.rawTrailers,
        }),
      );
    });
    asked.end();
    setImmediate(() => {
      socket.push(bytes);
      socket.push(null);
    });
  });
}

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~\dA-Za-z-]{1,12}$/);
const value = fc.stringMatching(/^(?:[!-~\u00a0-\u00ff](?:[\t -~\u0080-\u00ff]{0,12}[!-~])?)?$/);
const isFraming = (name: string): boolean =>
  /^(?:content-length|transfer-encoding|connection|upgrade|trailer)$/i.test(name);
const fields = fc.array(
  fc.tuple(
    token.filter((name) => !isFraming(name)),
    value,
  ),
  { maxLength: 5 },
);
const lines = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, text]) => `${name}: ${text}\r\n`).join('');

const bytes = fc.uint8Array({ maxLength: 40 }).map((all) => Buffer.from(all).toString('latin1'));
const chunked = fc.tuple(fc.array(bytes, { maxLength: 4 }), fields).map(([chunks, trailers]) => {
  const some = chunks.filter((chunk) => chunk !== '');
  const written = some.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  return `Transfer-Encoding: chunked\r\n\r\n${written.join('')}0\r\n${lines(trailers)}\r\n`;
});
const rest = fc.oneof(
  bytes.map((body) => `Content-Length: ${body.length}\r\n\r\n${body}`),
  chunked,
  bytes.map((body) => `\r\n${body}`),
);
const inform = fc
  .tuple(fc.integer({ min: 102, max: 199 }), fields)
  .map(([status, pairs]) => `HTTP/1.1 ${status} x\r\n${lines(pairs)}\r\n`);

/** Answers as RFC 9112 has them, a character for each byte. */
export const validAnswers: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(inform, { maxLength: 2 }),
    fc.integer({ min: 200, max: 999 }).filter((status) => status !== 204 && status !== 304),
    value,
    fields,
    rest,
  )
  .map(
    ([informs, status, reason, pairs, end]) =>
      `${informs.join('')}HTTP/1.1 ${status} ${reason}\r\n${lines(pairs)}${end}`,
  );

/** What attacks are made of. */
const poison = fc.constantFrom(
  ...['\r', '\n', '\r\n', '\n\n', '\r\n\r\n', ' ', '\t', '\0', ':', ';', ',', '-', '+', '0', '1'],
  ...['\u000b', '\u00a0', '\u0085', '\r\n ', '\r\n\t', 'Content-Length: 3\r\n', '0x', '1e1', '_'],
  ...['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip, chunked\r\n', 'f', 'HTTP/1.0'],
  ...['Transfer-Encoding: identity\r\n', 'Content-Length: 0, 0\r\n', '0\r\n\r\n', ';a="\r\n"'],
);

/** Valid ones in which something was put in, taken out, or written over. */
export const mutatedAnswers: fc.Arbitrary<string> = fc
  .tuple(
    validAnswers,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4 }), poison), { minLength: 1, maxLength: 3 }),
  )
  .map(([answer, changes]) =>
    changes.reduce((text, [where, taken, put]) => {
      const at = where % (text.length + 1);
      return text.slice(0, at) + put + text.slice(at + taken);
    }, answer),
  );
