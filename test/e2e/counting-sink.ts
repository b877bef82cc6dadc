import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A destination over HTTP that counts everything that reaches it: connections, requests, and how often which record. */
export interface CountingSink {
  readonly url: string;
  readonly connections: number;
  readonly requests: number;
  /** How often each record id arrived. */
  readonly ids: ReadonlyMap<string, number>;
  /** How often each alias arrived. */
  readonly arrived: ReadonlyMap<string, number>;
  /** When how many records came, by the monotonic clock. */
  readonly arrivals: readonly { readonly at: number; readonly records: number }[];
  /** Milliseconds until it answers. */
  delay: number;
  /** What it answers. */
  status: number;
  /** As one whose index was deleted. */
  forget(): void;
  stop(): Promise<void>;
}

/** What the entry of a pump must say to send here. */
export const countingPump = ({ url }: Pick<CountingSink, 'url'>, more: object = {}): object => ({
  type: 'http',
  meta: { url, body: '{"id": "{{record_id}}", "alias": "{{alias}}"}' },
  ...more,
});

export async function startCountingSink(): Promise<CountingSink> {
  const ids = new Map<string, number>();
  const arrived = new Map<string, number>();
  const arrivals: { at: number; records: number }[] = [];
  const server = createServer((request, response) => {
    sink.requests += 1;
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => {
      setTimeout(() => {
        const { status } = sink;
        if (status < 300) take(Buffer.concat(parts).toString());
        response.writeHead(status).end();
      }, sink.delay);
    });
  });
  const take = (body: string): void => {
    const lines = body.split('\n').filter((line) => line !== '');
    for (const line of lines) {
      const { id, alias } = JSON.parse(line) as { readonly id: string; readonly alias: string };
      ids.set(id, (ids.get(id) ?? 0) + 1);
      arrived.set(alias, (arrived.get(alias) ?? 0) + 1);
    }
    arrivals.push({ at: performance.now(), records: lines.length });
  };
  const sink = {
    url: '',
    connections: 0,
    requests: 0,
    ids,
    arrived,
    arrivals,
    delay: 0,
    status: 200,
    forget: () => {
      ids.clear();
      arrived.clear();
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on('connection', () => {
    sink.connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  sink.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/records`;
  return sink;
}
