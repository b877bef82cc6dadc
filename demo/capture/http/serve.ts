/** A small server of JSON, from a table of routes. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Certificate } from './certificates.ts';

export interface Question {
  /** What `:name` of the route's path stood for. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Of the header Authorization, behind `Bearer`. */
  readonly token: string | undefined;
  /** Parsed as JSON; undefined: there was none. */
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON; undefined: no body. */
  readonly body?: unknown;
}

export interface Route {
  readonly method: string;
  /** Segments that begin with `:` are parameters. */
  readonly path: string;
  readonly reply: (question: Question) => Reply | Promise<Reply>;
}

/** An answer that a route gives by throwing. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const mostBytes = 64 * 1024;

/** A server of these routes: with a certificate over TLS. It listens to nothing yet. */
export function serverOf(routes: readonly Route[], certificate?: Certificate): Server {
  const listener: RequestListener = (request, response) => {
    void replyTo(request, routes).then(({ status, body }) => {
      if (body === undefined) response.writeHead(status).end();
      else
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(`${JSON.stringify(body)}\n`);
    });
  };
  return certificate === undefined
    ? createServer(listener)
    : createTlsServer(certificate, listener);
}

async function replyTo(request: IncomingMessage, routes: readonly Route[]): Promise<Reply> {
  try {
    const url = new URL(request.url ?? '/', 'http://any');
    const found = routes.flatMap((route) => {
      const parameters = match(route.path, url.pathname);
      return parameters === undefined ? [] : [{ route, parameters }];
    });
    if (found.length === 0) throw new Refusal(404, 'there is nothing here');
    const fit = found.find(({ route }) => route.method === request.method);
    if (fit === undefined) throw new Refusal(405, `not by ${request.method ?? ''}`);
    const [, token] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    const body = await readJson(request);
    return await fit.route.reply({
      ...{ parameters: fit.parameters, query: url.searchParams },
      ...{ token, body },
    });
  } catch (error) {
    return error instanceof Refusal
      ? { status: error.status, body: { error: error.message } }
      : { status: 500, body: { error: 'something is broken here' } };
  }
}

function match(pattern: string, pathname: string): Readonly<Record<string, string>> | undefined {
  const [wanted, given] = [pattern.split('/'), pathname.split('/')];
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [at, segment] of wanted.entries()) {
    const value = given[at] ?? '';
    if (segment.startsWith(':') && value !== '') parameters[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return parameters;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and thrown away, so that the client can read the answer.
    if (bytes <= mostBytes) chunks.push(chunk);
  }
  if (bytes > mostBytes) throw new Refusal(413, `more than ${mostBytes} bytes`);
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new Refusal(400, 'the body is no JSON');
  }
}
