import { describe, expect, it } from 'vitest';
import { ScriptedConnection } from './connection.testing.ts';
import { inspect, textOf } from './packets.testing.ts';

const get = 'GET /a?b=1 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: test\r\n\r\n';
const ok = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nX-A: b\r\n\r\n${body}`;

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
});
