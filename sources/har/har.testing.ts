import { type Exchange, type Source, systemClock, type Writing } from '#source';
import { nothingWaits } from '../../src/capture/exchange.testing.ts';
import { CountingMetrics } from '../../src/lib/metrics.testing.ts';
import { type MemoryLog, memoryLog } from '../../test/services/memory-log.ts';
import har from './index.ts';

export interface HarUnderTest {
  readonly source: Source;
  readonly exchanges: readonly Exchange[];
  readonly metrics: CountingMetrics;
  readonly log: MemoryLog;
  stop(): Promise<void>;
}

/** The source, with options as an operator writes them. Rejects with what is wrong with them. */
export async function startHarSource(
  raw: Readonly<Record<string, unknown>>,
  { writing = nothingWaits, bodyLimit = 1024 }: { writing?: Writing; bodyLimit?: number } = {},
): Promise<HarUnderTest> {
  const { source: prepared, problems } = har.prepare({
    ...{ raw: { type: 'har', ...raw }, source: 'test', at: '', env: {}, layers: [] },
    ...{ unresolved: new Map(), allowed: ['type'] },
  });
  if (prepared === undefined) throw new Error(JSON.stringify(problems));
  const exchanges: Exchange[] = [];
  const [metrics, log] = [new CountingMetrics(), memoryLog()];
  const source = await prepared.start({
    ...{ name: 'har', log, metrics, clock: systemClock, bodyLimit, isRecording: true, writing },
    ...{ redis: undefined, record: (exchange) => void exchanges.push(exchange) },
  });
  return {
    ...{ source, exchanges, metrics, log },
    stop: () => source.stop(AbortSignal.timeout(1000)),
  };
}

export type AnyEntry = Readonly<Record<string, unknown>>;

/** An entry as Chrome writes it. */
export function anEntry(overrides: AnyEntry = {}): AnyEntry {
  return {
    _initiator: { type: 'script' },
    _resourceType: 'fetch',
    connection: '4711',
    startedDateTime: '2026-12-01T10:00:00.123Z',
    time: 57.5,
    request: {
      method: 'POST',
      url: 'https://shop.example/orders?full=1',
      httpVersion: 'http/2.0',
      headers: [
        { name: ':authority', value: 'shop.example' },
        { name: ':method', value: 'POST' },
        { name: 'accept', value: '*/*' },
      ],
      queryString: [{ name: 'full', value: '1' }],
      cookies: [],
      headersSize: -1,
      bodySize: 7,
      postData: { mimeType: 'application/json', text: '{"a":1}' },
    },
    response: {
      status: 201,
      statusText: '',
      httpVersion: 'http/2.0',
      headers: [
        { name: 'content-type', value: 'application/json' },
        { name: 'content-encoding', value: 'br' },
      ],
      cookies: [],
      content: { size: 8, mimeType: 'application/json', text: '{"id":7}' },
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
      _transferSize: 300,
      _error: null,
    },
    cache: {},
    serverIPAddress: '[2001:db8::1]',
    timings: {
      ...{ blocked: 1.5, dns: 2, ssl: 5, connect: 10, send: 1, wait: 40, receive: 3 },
      _blocked_queueing: 0.7,
    },
    ...overrides,
  };
}

export const aHar = (entries: readonly unknown[]): string =>
  JSON.stringify({ log: { version: '1.2', creator: { name: 'a', version: '1' }, entries } });
