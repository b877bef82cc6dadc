import { describe, expect, it } from 'vitest';
import { ScriptedConnection } from './connection.testing.ts';
import { inspect, textOf } from './packets.testing.ts';

const get = 'GET /a?b=1 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: test\r\n\r\n';
const ok = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nX-A: b\r\n\r\n${body}`;

const talk = (...said: readonly (readonly ['client' | 'server', string])[]): ScriptedConnection => {
  const connection = new ScriptedConnection().open();
  for (const [from, what] of said) connection.say(from, what);
  return connection;
};

describe('a call over HTTP/1 in packets', () => {
  it('becomes an exchange, with the times, addresses and bytes of the packets', () => {
    const connection = new ScriptedConnection().open();
    const startedAt = connection.time;
    connection.say('client', get).wait(50).say('server', ok('hello')).close();

    const { exchanges, counters } = inspect(connection.frames);

    expect(exchanges).toHaveLength(1);
    const [exchange] = exchanges;
    expect(exchange).toMatchObject({
      source: 'packets',
      direction: 'in',
      scheme: 'http',
      isOpaque: false,
      tls: undefined,
      error: undefined,
      client: { address: '10.0.0.7', port: 50_000 },
      server: { address: '10.0.0.9', port: 80 },
      request: {
        method: 'GET',
        target: '/a?b=1',
        host: 'shop.example',
        httpVersion: '1.1',
        rawHeaders: ['Host', 'shop.example', 'User-Agent', 'test'],
      },
      response: { status: 200, reason: 'OK', rawHeaders: ['Content-Length', '5', 'X-A', 'b'] },
      bytesIn: get.length,
      bytesOut: ok('hello').length,
    });
    expect(textOf(exchange?.response?.body)).toBe('hello');
    expect(exchange?.startedAt).toBeCloseTo(startedAt, 2);
    expect(exchange?.latency.total).toBeCloseTo(50.2, 1);
    expect(exchange?.latency.upstream).toBeCloseTo(50.2, 1);
    expect(exchange?.latency.gateway).toBe(0);
    expect(counters.before).toEqual(counters.after);
    expect(counters.before.ports['80']).toMatchObject({
      ...{ tcpSegments: 2, httpRequests: 1, httpResponses: 1, tlsHandshakes: 0, unparsed: 0 },
    });
    expect(Object.keys(counters.before.hosts)).toEqual(['shop.example']);
  });

  it.each<[string, string, string, string]>([
    ['with a length', 'POST', 'Content-Length: 5\r\n\r\nhello', 'hello'],
    [
      'in chunks',
      'POST',
      'Transfer-Encoding: chunked\r\n\r\n3;x=1\r\nhel\r\n2\r\nlo\r\n0\r\nT: 1\r\n\r\n',
      'hello',
    ],
    [
      'in chunks behind another coding',
      'PUT',
      'Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      'hi',
    ],
    [
      'with both, where the chunks count',
      'POST',
      'Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      'hi',
    ],
    ['that is not there', 'DELETE', '\r\n', ''],
  ])('has a body of a request %s', (_name, method, rest, body) => {
    const { exchanges } = inspect(
      talk(
        ['client', `${method} / HTTP/1.1\r\nHost: a\r\n${rest}`],
        ['server', ok('x')],
        ['client', get],
        ['server', ok('y')],
      ).close().frames,
    );

    expect(exchanges).toHaveLength(2);
    expect(textOf(exchanges[0]?.request.body)).toBe(body);
    expect(exchanges.map(({ response }) => textOf(response?.body))).toEqual(['x', 'y']);
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n', 200],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 204],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n', 304],
    [
      'GET',
      'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      200,
    ],
    [
      'GET',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
      404,
    ],
  ])('knows that the answer to %s %s has no body', (method, answer, status) => {
    const { exchanges } = inspect(
      talk(
        ['client', `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`],
        ['server', answer],
        ['client', get],
        ['server', ok('next')],
      ).close().frames,
    );

    expect(exchanges.map(({ response }) => [response?.status, textOf(response?.body)])).toEqual([
      [status, ''],
      [200, 'next'],
    ]);
  });

  it('pairs pipelined requests with their answers, in one packet or many', () => {
    const requests = ['/1', '/2', '/3']
      .map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      .join('');
    for (const segmentSize of [1, 7, 1448]) {
      const connection = new ScriptedConnection({ segmentSize }).open().say('client', requests);
      connection.say('server', ok('one') + ok('two') + ok('three')).close();

      const { exchanges } = inspect(connection.frames);

      expect(
        exchanges.map(({ request, response }) => [request.target, textOf(response?.body)]),
      ).toEqual([
        ['/1', 'one'],
        ['/2', 'two'],
        ['/3', 'three'],
      ]);
    }
  });

  it('reads a body until the connection ends', () => {
    const { exchanges } = inspect(
      talk(
        ['client', get],
        ['server', 'HTTP/1.0 200 OK\r\n\r\nall of'],
        ['server', ' this'],
      ).finish('server').frames,
    );

    expect(textOf(exchanges[0]?.response?.body)).toBe('all of this');
    expect(exchanges[0]?.error).toBeUndefined();
  });

  it('keeps as much of a body as records do, and its true length', () => {
    const { exchanges } = inspect(talk(['client', get], ['server', ok('x'.repeat(5000))]).frames, {
      bodyLimit: 1500,
    });

    expect(exchanges[0]?.response?.body).toMatchObject({ length: 5000 });
    expect(textOf(exchanges[0]?.response?.body)).toBe('x'.repeat(1500));
  });

  it('counts what a connection is upgraded to, and reads none of it', () => {
    const { exchanges, counters } = inspect(
      talk(
        [
          'client',
          'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
        ],
        ['server', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05GET /'],
        ['client', 'GET /no HTTP/1.1\r\n\r\n'],
      ).close().frames,
    );

    expect(exchanges.map(({ response }) => response?.status)).toEqual([101]);
    expect(counters.before.ports['80']?.recognised).toEqual({ websocket: 1 });
    expect(counters.before.ports['80']?.httpRequests).toBe(1);
  });

  it('looks into the tunnel of a CONNECT', () => {
    const { exchanges } = inspect(
      talk(
        ['client', 'CONNECT shop.example:80 HTTP/1.1\r\nHost: shop.example:80\r\n\r\n'],
        ['server', 'HTTP/1.1 200 Connection established\r\n\r\n'],
        ['client', get],
        ['server', ok('inside')],
      ).close().frames,
    );

    expect(exchanges.map(({ request }) => request.method)).toEqual(['CONNECT', 'GET']);
    expect(exchanges[0]?.request.host).toBe('shop.example:80');
    expect(textOf(exchanges[1]?.response?.body)).toBe('inside');
  });

  it.each([
    ['reset', (connection: ScriptedConnection) => connection.reset('server')],
    ['aborted', (connection: ScriptedConnection) => connection.close()],
    ['unseen', (connection: ScriptedConnection) => connection],
  ] as const)('says "%s" of a call without an answer', (kind, end) => {
    const { exchanges } = inspect(end(talk(['client', get])).frames);

    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]?.response).toBeUndefined();
    expect(exchanges[0]?.error?.kind).toBe(kind);
  });

  it('keeps an answer that was broken off, and says that it was', () => {
    const { exchanges } = inspect(
      talk(['client', get], ['server', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf']).close()
        .frames,
    );

    expect(exchanges[0]).toMatchObject({
      response: { status: 200, body: { length: 4 } },
      error: { kind: 'aborted' },
    });
  });

  it.each([
    ['lengths that differ', 'Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    ['a length that is none', 'Content-Length: -5\r\n\r\nxx'],
    ['a chunk of a negative size', 'Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n-4\nyyyy'],
    ['a blank before the colon', 'Content-Length : 2\r\n\r\nxx'],
    ['a coding that does not end in chunks', 'Transfer-Encoding: chunked, gzip\r\n\r\nxx'],
  ])('does not guess at a request with %s, and reads the next one', (_name, rest) => {
    const { exchanges, counters } = inspect(
      talk(
        ['client', `POST /bad HTTP/1.1\r\nHost: a\r\n${rest}`],
        ['client', get],
        ['server', ok('fine')],
      ).close().frames,
    );

    const whole = exchanges.filter(({ error }) => error === undefined);
    expect(whole.map(({ request }) => request.target)).toEqual(['/a?b=1']);
    expect(counters.before.ports['80']?.unparsed).toBeGreaterThan(0);
  });
});

describe('filters', () => {
  const two = () => [
    ...talk(
      ['client', 'GET /api/1 HTTP/1.1\r\nHost: a.example:80\r\n\r\n'],
      ['server', ok('1')],
      ['client', 'GET /health HTTP/1.1\r\nHost: b.example\r\n\r\n'],
      ['server', ok('2')],
    ).frames,
    ...new ScriptedConnection({
      client: { address: '10.0.0.7', port: 4 },
      server: { address: '10.0.0.9', port: 8080 },
    })
      .open()
      .say('client', get)
      .say('server', ok('3')).frames,
  ];
  const targets = (wishes: Parameters<typeof inspect>[1]) =>
    inspect(two(), wishes).exchanges.map(({ request }) => request.target);

  it('let calls pass by port, host and path', () => {
    expect(targets({})).toEqual(['/api/1', '/health', '/a?b=1']);
    expect(targets({ ports: [8080] })).toEqual(['/a?b=1']);
    expect(targets({ hosts: ['a.example'] })).toEqual(['/api/1']);
    expect(targets({ hosts: ['*.example'] })).toHaveLength(3);
    expect(targets({ paths: ['/api/*', '/a'] })).toEqual(['/api/1', '/a?b=1']);
    expect(targets({ paths: ['*alt*'] })).toEqual(['/health']);
  });

  it('are seen in the counters: what was there, and what they left', () => {
    const { before, after } = inspect(two(), { hosts: ['a.example'] }).counters;

    expect(before.ports['80']?.httpRequests).toBe(2);
    expect(after.ports['80']?.httpRequests).toBe(1);
    expect(Object.keys(before.ports).sort()).toEqual(['80', '8080']);
    expect(Object.keys(after.ports)).toEqual(['80']);
    expect(Object.keys(before.hosts).sort()).toEqual(['a.example', 'b.example', 'shop.example']);
    expect(Object.keys(after.hosts)).toEqual(['a.example']);
  });
});

describe('direction', () => {
  it('is out for calls from here to elsewhere', () => {
    const { frames } = talk(['client', get], ['server', ok('1')]);

    expect(inspect(frames, { local: ['10.0.0.7'] }).exchanges[0]?.direction).toBe('out');
    expect(inspect(frames, { local: ['10.0.0.9'] }).exchanges[0]?.direction).toBe('in');
    expect(inspect(frames, { local: ['10.0.0.7', '10.0.0.9'] }).exchanges[0]?.direction).toBe('in');
  });
});
