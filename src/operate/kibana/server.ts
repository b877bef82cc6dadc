import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../../lib/clock.ts';
import { seconds } from '../../lib/units.ts';
import { withDeadline } from '../../lib/waiting.ts';
import { shownUrl } from '../../pump/http/address.ts';
import { createHttpClient } from '../../pump/http/client.ts';
import type { Proxy } from '../../pump/http/proxy.ts';

/** A server to be asked: an Elasticsearch, an OpenSearch, a Kibana. */
export interface ServerAddress {
  /** Without user and password. */
  readonly url: URL;
  /** The `Authorization` header; undefined: none. */
  readonly authorization: string | undefined;
}

export interface ServerTools {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tls: ConnectionOptions | undefined;
  readonly proxyFor: (url: URL) => Proxy | undefined;
}

export interface Question {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly path: string;
  readonly json?: unknown;
  /** Instead of `json`: a body with its type. */
  readonly body?: { readonly type: string; readonly bytes: Uint8Array };
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Said {
  readonly status: number;
  /** Undefined: it is no JSON. */
  readonly json: unknown;
}

/** What could not be done, in words for the operator. */
export class ServerTrouble extends Error {}

export type Ask = (question: Question) => Promise<Said>;

/** Nothing here is long work for a server; a busy one may make it wait. */
const deadline = seconds(60);

/** Asks the first of the addresses that can be reached, and gives up with the reason of the last. */
export async function withServer<T>(
  addresses: readonly ServerAddress[],
  tools: ServerTools,
  work: (ask: Ask, at: string) => Promise<T>,
): Promise<T> {
  let last = 'no address was given';
  for (const address of addresses) {
    const at = shownUrl(address.url);
    const client = createHttpClient({
      url: address.url,
      headers: {
        accept: 'application/json',
        ...(address.authorization === undefined ? {} : { authorization: address.authorization }),
      },
      ...(tools.tls === undefined ? {} : { tls: tools.tls }),
      proxy: tools.proxyFor(address.url),
      clock: tools.clock,
    });
    try {
      const first = await tryOnce(client, { method: 'HEAD', path: '/' }, tools);
      if (!first.ok && first.failure.kind === 'unreachable') {
        last = first.failure.message;
        continue;
      }
      return await work(async (question) => {
        const outcome = await tryOnce(client, question, tools);
        if (!outcome.ok) throw new ServerTrouble(outcome.failure.message);
        return { status: outcome.answer.status, json: jsonOf(outcome.answer.body) };
      }, at);
    } finally {
      client.close();
    }
  }
  throw new ServerTrouble(last);
}

type Client = ReturnType<typeof createHttpClient>;

const tryOnce = (
  client: Client,
  { method, path, json, body, headers = {} }: Question,
  { clock, signal }: ServerTools,
): ReturnType<Client['send']> => {
  const sent =
    body ??
    (json === undefined
      ? undefined
      : { type: 'application/json', bytes: Buffer.from(JSON.stringify(json)) });
  return withDeadline(
    (either) =>
      client.send(
        {
          method,
          path,
          headers: { ...headers, ...(sent === undefined ? {} : { 'content-type': sent.type }) },
          ...(sent === undefined ? {} : { body: sent.bytes }),
        },
        either,
      ),
    { clock, after: deadline },
    signal,
  );
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A member of an answer, however deep; undefined where there is no such thing. */
export const memberOf = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  );

const longest = 400;

/** A refusal in the server's words. */
export function refusal({ status, json }: Said): string {
  const error = memberOf(json, 'error');
  const causes = memberOf(error, 'root_cause');
  const reasons = [memberOf(error, 'reason'), deepest(error)]
    .concat(Array.isArray(causes) ? [memberOf(causes[0], 'reason')] : [])
    .concat([memberOf(json, 'message'), error])
    .filter((text): text is string => typeof text === 'string' && text !== '');
  const text = [...new Set(reasons)].join(': ');
  if (text === '') return `answered ${status}`;
  return `answered ${status}: ${text.length > longest ? `${text.slice(0, longest)}…` : text}`;
}

/** The reason behind all others. */
function deepest(error: unknown): unknown {
  let [at, reason] = [error, undefined as unknown];
  for (let depth = 0; depth < 10; depth++) {
    at = memberOf(at, 'caused_by');
    if (at === undefined) break;
    reason = memberOf(at, 'reason') ?? reason;
  }
  return reason;
}
