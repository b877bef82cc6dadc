import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listen } from '../tcp-proxy.ts';

/** How a sink treats bulk requests. */
export type Manner =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'hanging' }
  | { readonly kind: 'unavailable' }
  /** Requests of more than so many bytes are refused with 413. */
  | { readonly kind: 'strict'; readonly most: number }
  /** Every so many-th item of a request is refused for good. */
  | { readonly kind: 'rejecting'; readonly every: number };

/** So many records had come by then. */
interface Arrival {
  readonly at: number;
  readonly total: number;
}

interface Request {
  /** Undefined: no bulk request. */
  readonly records: number | undefined;
  readonly size: number;
  /** Read only where some are to be refused. */
  readonly ids: readonly string[];
}

const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
const info =
  '{"version":{"number":"8.19.2","build_flavor":"default"},"tagline":"You Know, for Search"}';
const newLine = 0x0a;

/**
 * Speaks enough of Elasticsearch's `_bulk` to be delivered to, and only counts: what it costs must not hide what the
 * pump costs. Which records came is the business of `bulk-sink.ts`.
 */
export class CountingSink {
  /** With milliseconds since the epoch. */
  readonly arrivals: Arrival[] = [];
  readonly #answers = new Map<number, string>();
  readonly #server: Server;
  #manner: Manner = { kind: 'healthy' };
  #requests = 0;
  #taken = 0;
  #refused = 0;
  port = 0;

  private constructor() {
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) =>
      this.#serve(request, response),
    );
  }

  static async start(): Promise<CountingSink> {
    const sink = new CountingSink();
    sink.port = await listen(sink.#server);
    return sink;
  }

  /** Requests of any kind: the pump has opened the sink when there was one. */
  get requests(): number {
    return this.#requests;
  }

  /** Records answered with 201. */
  get taken(): number {
    return this.#taken;
  }

  get refused(): number {
    return this.#refused;
  }

  behave(manner: Manner): void {
    this.#manner = manner;
    this.#answers.clear();
  }

  /** Connections are refused from now on. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.#requests++;
    let lines = 0;
    let size = 0;
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (this.#manner.kind === 'rejecting') parts.push(part);
      for (let at = part.indexOf(newLine); at >= 0; at = part.indexOf(newLine, at + 1)) lines++;
    });
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.on('end', () => {
      const isBulk = request.url?.startsWith('/_bulk') === true;
      const ids = isBulk ? idsIn(Buffer.concat(parts).toString()) : [];
      this.#answer({ records: isBulk ? lines / 2 : undefined, size, ids }, response);
    });
  }

  #answer({ records, size, ids }: Request, response: ServerResponse): void {
    const manner = this.#manner;
    if (manner.kind === 'hanging') return;
    if (manner.kind === 'strict' && size > manner.most) {
      response.writeHead(413, headers).end();
      return;
    }
    if (manner.kind === 'unavailable') {
      response.writeHead(503, headers).end('{"error":{"type":"unavailable","reason":"a fault"}}');
      return;
    }
    const answer = (): void => {
      response.writeHead(200, headers).end(records === undefined ? info : this.#take(records, ids));
    };
    if (manner.kind === 'slow') setTimeout(answer, manner.ms);
    else answer();
  }

  #take(records: number, ids: readonly string[]): string {
    const every = this.#manner.kind === 'rejecting' ? this.#manner.every : Infinity;
    const refused = Math.floor(records / every);
    this.#refused += refused;
    this.#taken += records - refused;
    this.arrivals.push({ at: Date.now(), total: this.#taken });
    if (refused > 0) return bulkAnswer(records, every, ids);
    const known = this.#answers.get(records);
    if (known !== undefined) return known;
    const made = bulkAnswer(records, every, []);
    this.#answers.set(records, made);
    return made;
  }
}

function bulkAnswer(records: number, every: number, ids: readonly string[]): string {
  const items = Array.from({ length: records }, (_, at) => ({
    create: {
      _id: ids[at],
      ...((at + 1) % every === 0
        ? { status: 400, error: { type: 'mapper_parsing_exception', reason: 'a fault' } }
        : { status: 201 }),
    },
  }));
  return JSON.stringify({ errors: every <= records, items });
}

/** Of the action lines. */
const idsIn = (body: string): readonly string[] =>
  [...body.matchAll(/^\{"create":\{[^\n]*"_id":"([^"]*)"\}\}$/gm)].map(([, id]) => id ?? '');
