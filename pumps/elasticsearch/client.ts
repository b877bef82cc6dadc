import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ConnectionOptions } from '@elastic/transport/connection';
import { WeightedConnectionPool } from '@elastic/transport/pool';
import type { Failure, HttpAnswer, HttpOutcome, ReadAnswer } from '#pump';
import { readAllStored } from './all-stored.ts';
import { member } from './json.ts';
import { NodeConnection, type NodeContext } from './node-connection.ts';
import type { Node } from './nodes.ts';

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** With its query. */
  readonly path: string;
  readonly body?: Buffer;
  readonly contentType?: 'application/json' | 'application/x-ndjson';
}

/**
 * What the server said, whatever its status. `body` is undefined where it is not JSON, and an AllStored where a bulk
 * request succeeded as a whole.
 */
export interface Answer extends Omit<HttpAnswer, 'body'> {
  readonly body: unknown;
}

/** A server's answer, or why there is none. */
export type Outcome =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly failure: Failure };

/** What this pump needs of a client library. */
export interface Client {
  /** Sends once, to one node. Never rejects. The body is lent until this settles. */
  send(request: Request, signal: AbortSignal): Promise<Outcome>;
  /** Goes over to the nodes that the cluster names. False: it could not be asked, the nodes stay. */
  sniff(signal: AbortSignal): Promise<boolean>;
  /** Goes back to the nodes that the operator named. */
  forgetSniffed(): void;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly nodes: readonly Node[];
  readonly tls: TlsOptions | undefined;
  readonly isCompressed: boolean;
  readonly context: NodeContext;
}

/**
 * The Elastic client's pool of nodes, without its `Client` and the `Transport` below it: the one asks for a product header
 * and for media types that servers before 7.14 and OpenSearch refuse, the other makes a text of every answer and retries
 * and sniffs by itself, where failures cannot be caught. Plain JSON types are taken by every version.
 */
export function createClient({ nodes, tls, isCompressed, context }: ClientOptions): Client {
  class Connection extends NodeConnection {
    constructor(options: ConnectionOptions) {
      super(options, context);
    }
  }
  const pool = new WeightedConnectionPool({ Connection });
  const configured = nodes.map((node) => connection(node, node.url, tls));
  pool.addConnection(configured);

  async function send(request: Request, signal: AbortSignal): Promise<Outcome> {
    const { method, path } = request;
    const encoded = await bodyOf(request, isCompressed);
    // A Connection is all that this pool makes.
    const node = pool.getConnection(anyNode) as NodeConnection | null;
    if (node === null) return { ok: false, failure: noNode };
    const outcome = await node.client.send({ method, path, ...encoded }, signal);
    // Those that are away are asked after the others from now on.
    if (!isAway(outcome)) pool.markAlive(node);
    else if (!signal.aborted) pool.markDead(node);
    return outcome.ok ? answered(outcome.answer) : outcome;
  }

  return {
    send,
    async sniff(signal) {
      const outcome = await send({ method: 'GET', path: '/_nodes/_all/http' }, signal);
      const [first] = nodes;
      if (!outcome.ok || outcome.answer.status !== 200 || first === undefined) return false;
      const urls = nodeUrls(pool, outcome.answer.body, first.url.protocol);
      if (urls.length === 0) return false;
      try {
        pool.update(urls.map(({ id, url }) => ({ ...connection(first, url, tls), id })));
        return true;
      } catch {
        // A proxy's address that nobody looked at before, because no node that was named needs it.
        return false;
      }
    },
    forgetSniffed() {
      pool.update(configured);
    },
    close() {
      // Nothing is under way any more, and nobody waits for what was given up.
      for (const one of pool.connections) if (one instanceof NodeConnection) one.client.close();
      return Promise.resolve();
    },
  };
}

const connection = ({ authorization }: Node, url: URL, tls: TlsOptions | undefined) => ({
  url,
  id: url.href,
  ...(tls === undefined ? {} : { tls }),
  ...(authorization === undefined ? {} : { headers: { authorization } }),
});

const compress = promisify(gzip);

async function bodyOf(
  { body, contentType }: Request,
  isCompressed: boolean,
): Promise<{ readonly body?: Buffer; readonly headers: Record<string, string> }> {
  if (body === undefined) return { headers: {} };
  const headers = { 'content-type': contentType ?? 'application/json' };
  if (!isCompressed) return { body, headers };
  // Documents are repetitive: the fastest level already makes them a small part of their size.
  return {
    body: await compress(body, { level: constants.Z_BEST_SPEED }),
    headers: { ...headers, 'content-encoding': 'gzip' },
  };
}

const anyNode = { now: 0, requestId: '', name: '', context: undefined };

const noNode: Failure = { kind: 'unreachable', message: 'No node is left to send to.' };

const noJson: Failure = { kind: 'unexpected', message: 'The server’s answer is no JSON.' };

const isAway = (outcome: HttpOutcome): boolean =>
  !outcome.ok || (outcome.answer.status >= 502 && outcome.answer.status <= 504);

/** What an answer says. Of thousands of documents that were stored no text is made, and no objects. */
function answered(answer: ReadAnswer): Outcome {
  const { status, headers, bytes, retryAfter, proxy } = answer;
  const said = {
    status,
    headers,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(proxy === undefined ? {} : { proxy }),
  };
  const stored = readAllStored(bytes);
  if (stored !== undefined) return { ok: true, answer: { ...said, body: stored } };
  try {
    return { ok: true, answer: { ...said, body: JSON.parse(answer.body) as unknown } };
  } catch {
    // Where nobody claims that it is JSON, a proxy may have said it.
    const isClaimed = bytes.length > 0 && String(headers['content-type']).includes('json');
    return isClaimed
      ? { ok: false, failure: noJson }
      : { ok: true, answer: { ...said, body: undefined } };
  }
}

/** The addresses in an answer to `/_nodes/http`; none where that is no such answer. */
function nodeUrls(
  pool: WeightedConnectionPool,
  body: unknown,
  protocol: string,
): readonly { readonly id: string; readonly url: URL }[] {
  const nodes = member(body, 'nodes');
  if (typeof nodes !== 'object' || nodes === null) return [];
  try {
    return pool
      .nodesToHost(nodes, protocol)
      .map(({ url }: { readonly url: URL }) => ({ id: url.href, url }));
  } catch {
    // An address of a form that the library does not know.
    return [];
  }
}
