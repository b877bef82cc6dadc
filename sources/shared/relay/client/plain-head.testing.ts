import { createServer, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { screen } from '../screen.ts';

/** What a reader made of the first request. */
export interface ReadRequest {
  readonly line: string;
  readonly host: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** What the connection is to become of. */
  readonly isLast: boolean;
}

/** By Node's own server and the relay's screen, as where a head is not plain. */
export function readByNode(bytes: Buffer): Promise<ReadRequest | 'refused'> {
  return new Promise((resolve) => {
    const server: Server = createServer({ requireHostHeader: false });
    server.maxHeadersCount = 0;
    const socket = new Duplex({ read: () => undefined, write: (_, __, done) => done() });
    const refuse = (): void => {
      socket.destroy();
      resolve('refused');
    };
    socket.on('error', refuse);
    server.on('clientError', refuse);
    server.on('connect', refuse);
    server.on('upgrade', refuse);
    server.on('checkContinue', refuse);
    server.on('request', (request, response) => {
      const screened = screen(request, false);
      if ('reason' in screened) {
        refuse();
        return;
      }
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString('latin1');
      });
      request.on('error', refuse);
      request.on('end', () => {
        resolve({
          line: `${request.method} ${request.url} ${request.httpVersion}`,
          ...{ host: screened.host, rawHeaders: request.rawHeaders, body },
          isLast: !response.shouldKeepAlive,
        });
        socket.destroy();
      });
    });
    server.emit('connection', socket);
    socket.push(bytes);
    socket.push(null);
  });
}

const methods = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
const target = fc.stringMatching(/^\/[\w.~!$&'()*+,;=:@%/?-]{0,20}$/);
const token = fc.stringMatching(/^[!#$%&'*+.^_`|~\dA-Za-z-]{1,12}$/);
const value = fc.stringMatching(/^(?:[!-~\u00a0-\u00ff](?:[ -~\u0080-\u00ff]{0,12}[!-~])?)?$/);
const special =
  /^(?:content[_-]length|transfer[_-]encoding|connection|upgrade|expect|host|trailer)$/i;
const fields = fc.array(
  fc.tuple(
    token.filter((name) => !special.test(name)),
    value,
  ),
  { maxLength: 5 },
);
const connection = fc.constantFrom(
  ...['', 'Connection: close\r\n', 'connection: Keep-Alive\r\n', 'CONNECTION:keep-alive \r\n'],
);

/** Requests as most are, a character for each byte: head and body. */
export const plainRequests: fc.Arbitrary<{ readonly head: string; readonly body: string }> = fc
  .tuple(
    ...([methods, target, fields, connection] as const),
    fc.option(fc.uint8Array({ maxLength: 40 })),
  )
  .map(([method, path, pairs, end, bytes]) => {
    const lines = pairs.map(([name, text]) => `${name}: ${text}\r\n`).join('');
    const body = bytes === null ? '' : Buffer.from(bytes).toString('latin1');
    const length = bytes === null ? '' : `Content-Length: ${body.length}\r\n`;
    return {
      head: `${method} ${path} HTTP/1.1\r\nHost: shop.example:80\r\n${lines}${end}${length}\r\n`,
      body,
    };
  });

/** What attacks are made of. */
const poison = fc.constantFrom(
  ...['\r', '\n', '\r\n', '\n\n', '\r\n\r\n', ' ', '\t', '\0', ':', ';', ',', '-', '+', '0', '#'],
  ...['\u000b', '\u00a0', '\u0085', '\r\n ', '\r\n\t', 'Content-Length: 3\r\n', '0x', '1e1', '_'],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'Transfer_Encoding: chunked\r\n',
    'HTTP/1.0',
    'Host: b\r\n',
  ],
  ...['Expect: 100-continue\r\n', 'Upgrade: x\r\nConnection: upgrade\r\n', 'Connection: x\r\n'],
  ...['http://b/', '*', 'GET /b HTTP/1.1\r\nHost: b\r\n\r\n', '\\', '@', 'TRACE', 'PRI * HTTP/2.0'],
);

/** Plain ones in which something was put in, taken out, or written over. */
export const mutatedRequests: fc.Arbitrary<string> = fc
  .tuple(
    plainRequests,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4 }), poison), { minLength: 1, maxLength: 3 }),
  )
  .map(([{ head, body }, changes]) =>
    changes.reduce((text, [where, taken, put]) => {
      const at = where % (text.length + 1);
      return text.slice(0, at) + put + text.slice(at + taken);
    }, head + body),
  );
