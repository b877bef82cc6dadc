import type { Exchange, RequestSeen, ResponseSeen } from './exchange.ts';
import type { Writing } from './source.ts';

export type ExchangeOverrides = Partial<Omit<Exchange, 'request' | 'response'>> & {
  readonly request?: Partial<RequestSeen>;
  /** `null`: there was none. */
  readonly response?: Partial<ResponseSeen> | null;
};

/** Of a process whose records are written at once. */
export const nothingWaits: Writing = {
  room: () => Promise.resolve(),
  written: () => Promise.resolve(true),
};

export const bodyOf = (text: string, length?: number) => {
  const bytes = Buffer.from(text);
  return { bytes, length: length ?? bytes.length };
};

/** A call through a proxy that went well. */
export function anExchange(overrides: ExchangeOverrides = {}): Exchange {
  const { request, response, ...rest } = overrides;
  return {
    source: 'gateway',
    direction: 'in',
    // 2026-12-01T10:00:00.123456Z
    startedAt: 1_796_119_200_123.456,
    latency: { total: 12.7, upstream: 10.2 },
    client: { address: '10.0.0.7', port: 50_000 },
    server: { address: '10.0.0.9', port: 3000 },
    scheme: 'http',
    tls: undefined,
    isOpaque: false,
    bytesIn: 100,
    bytesOut: 200,
    error: undefined,
    call: { apiId: 'a1', apiName: 'Orders', orgId: 'o1' },
    ...rest,
    request: {
      method: 'POST',
      target: '/orders/7?full=1',
      host: 'shop.example',
      httpVersion: '1.1',
      rawHeaders: ['Host', 'shop.example', 'User-Agent', 'curl/8', 'X-a', 'b'],
      body: bodyOf('{"a":1}'),
      ...request,
    },
    response:
      response === null
        ? undefined
        : {
            status: 201,
            reason: 'Created',
            httpVersion: '1.1',
            rawHeaders: ['Content-Type', 'application/json'],
            body: bodyOf('{"id":7}'),
            ...response,
          },
  };
}
