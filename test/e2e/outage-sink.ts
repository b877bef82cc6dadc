import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Arrived } from './arrived.ts';

/** As much of Elasticsearch as a bulk delivery needs, with a switch: it can be out of order. */
export interface OutageSink {
  readonly url: string;
  isUp: boolean;
  /** Takes requests and never answers. */
  hangs: boolean;
  /** How often a sink asked it who it is, which each does when it opens; and how many of them get an answer. */
  readonly openings: number;
  mostOpenings: number;
  /** Records that it never stores. */
  refuses: (alias: string) => boolean;
  /** What it says of those. */
  reason: string;
  /** How often each alias arrived, repeats of a document it has left out. */
  readonly arrived: Arrived;
  stop(): Promise<void>;
}

const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
const info = {
  version: { number: '8.19.2', build_flavor: 'default' },
  tagline: 'You Know, for Search',
};

/** On a port of its own choice, or where the one before was. */
export async function startOutageSink(port = 0): Promise<OutageSink> {
  const arrived = new Map<string, number>();
  const known = new Set<string>();
  const take = (body: string): object => {
    const lines = body.split('\n').filter((line) => line !== '');
    const items: object[] = [];
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const action = JSON.parse(lines[at] ?? '') as Record<string, { readonly _id: string }>;
      const { alias } = JSON.parse(lines[at + 1] ?? '') as { readonly alias: string };
      const id = Object.values(action)[0]?._id ?? '';
      if (sink.refuses(alias)) {
        const error = { type: 'mapper_parsing_exception', reason: sink.reason };
        items.push({ create: { _id: id, status: 400, error } });
        continue;
      }
      const isNew = !known.has(id);
      known.add(id);
      if (isNew) arrived.set(alias, (arrived.get(alias) ?? 0) + 1);
      const error = { type: 'version_conflict_engine_exception', reason: 'it is there' };
      items.push({ create: { _id: id, ...(isNew ? { status: 201 } : { status: 409, error }) } });
    }
    return { errors: false, items };
  };
  const sink: { -readonly [name in keyof OutageSink]: OutageSink[name] } = {
    isUp: true,
    hangs: false,
    openings: 0,
    mostOpenings: Number.POSITIVE_INFINITY,
    refuses: () => false,
    reason: 'a field of another type',
    arrived,
    url: '',
    stop: () => Promise.resolve(),
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => {
      if (request.method === 'GET' && request.url === '/') sink.openings += 1;
      if (sink.hangs || sink.openings > sink.mostOpenings) return;
      if (!sink.isUp) send(response, 503, { error: { type: 'unavailable', reason: 'an outage' } });
      else if (request.url?.includes('_bulk') === true)
        send(response, 200, take(Buffer.concat(parts).toString()));
      else send(response, 200, info);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  sink.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sink.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => {
      server.close(() => resolve());
    });
  };
  return sink;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.on('error', () => undefined);
  response.writeHead(status, headers).end(JSON.stringify(body));
}
