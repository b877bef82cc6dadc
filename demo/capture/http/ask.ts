/** Calls of JSON: over TCP, TLS or a Unix socket, straight or through a forward proxy. */
import { readFileSync } from 'node:fs';
import { type ClientRequest, type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** File with the authorities that are trusted, in PEM, read for each call: it may come later. */
  readonly caFile?: string | undefined;
  /** Goes there in place of the URL's host. */
  readonly socketPath?: string | undefined;
  readonly address?: { readonly host: string; readonly port: number } | undefined;
  readonly proxy?: URL | undefined;
}

export interface Answer {
  readonly status: number;
  /** Parsed as JSON where it is; undefined: it is none. */
  readonly body: unknown;
}

const patience = 5_000;

/** Rejects where there is no answer within five seconds. Each call has a connection of its own. */
export async function ask(call: Call): Promise<Answer> {
  const { method, url, token, body, socketPath, address, proxy } = call;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const isTls = url.protocol === 'https:';
  const ca = isTls && call.caFile !== undefined ? readFileSync(call.caFile) : undefined;
  const there = address ?? { host: url.hostname, port: portOf(url) };
  const common: RequestOptions = {
    ...{ method, path: `${url.pathname}${url.search}`, timeout: patience },
    headers: {
      ...{ host: url.host, 'user-agent': 'sluice-demo', accept: 'application/json' },
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    },
  };
  const withTls = { ca, servername: url.hostname };
  if (proxy === undefined) {
    const to = socketPath === undefined ? there : { socketPath };
    return answerOf(
      isTls
        ? requestTls({ ...common, ...to, ...withTls, agent: false })
        : requestPlain({ ...common, ...to, agent: false }),
      text,
    );
  }
  if (!isTls) {
    const whole = { path: url.href, host: proxy.hostname, port: portOf(proxy) };
    return answerOf(requestPlain({ ...common, ...whole, agent: false }), text);
  }
  const socket = await tunnel(proxy, `${url.hostname}:${portOf(url)}`);
  // Only without an agent does a request ask for its connection.
  return answerOf(
    requestTls({ ...common, createConnection: () => connectTls({ socket, ...withTls }) }),
    text,
  );
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function answerOf(request: ClientRequest, text: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const body = parsed(Buffer.concat(chunks).toString('utf8'));
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    request.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A connection through the proxy. */
function tunnel(proxy: URL, authority: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = requestPlain({
      ...{ method: 'CONNECT', path: authority, headers: { host: authority } },
      ...{ host: proxy.hostname, port: portOf(proxy), agent: false, timeout: patience },
    });
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) resolve(socket);
      else reject(new Error(`the proxy answered ${statusCode} to CONNECT`));
    });
    request.end();
  });
}
