import { connect } from 'node:http2';
import { type PumpContext, readTls } from '#pump';
import type { Options } from '../options.ts';
import type { Transport } from '../transport.ts';
import { call, type Headers } from './call.ts';
import { Connections } from './connections.ts';
import { framed } from './frame.ts';
import { meaningOf } from './meaning.ts';

interface Target {
  readonly url: URL | undefined;
  /** Of the method. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isCompressed: boolean;
}

/**
 * OTLP/gRPC: one method, a request and an answer, which is little more than an HTTP/2 request with five bytes before its body and
 * the status behind its answer. So Node's HTTP/2 carries it, and no library does: theirs have retries, names, balancing and timers of
 * their own, which the courier has.
 */
export async function openGrpcTransport(
  { url, path, headers, isCompressed }: Target,
  options: Options,
  { log }: Pick<PumpContext, 'log'>,
  signal: AbortSignal,
): Promise<Transport> {
  if (url === undefined) throw new Error('The address is no URL.');
  const where = url.origin;
  const tls = await readTls(options, signal);
  const connections = new Connections(() => connect(where, tls));
  const head = {
    'user-agent': 'sluice',
    ...headers,
    ...{ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
    ...(isCompressed ? { 'grpc-encoding': 'gzip' } : {}),
  };
  return {
    async send(body, count, signal) {
      // Nobody says when a connection has let go of a body: it is given a copy.
      const frame = await framed(body, isCompressed);
      const ended = await call(connections, head, frame, signal);
      const said = await meaningOf(ended, { count, where });
      if (!said.ok || said.refused > 0)
        log.debug(
          { status: String(ended.headers['grpc-status'] ?? ''), message: wordsOf(ended.headers) },
          'The receiver refused something. What it says may repeat what a record holds.',
        );
      return said;
    },
    close: () => connections.close(),
  };
}

const wordsOf = (headers: Headers): string => String(headers['grpc-message'] ?? '').slice(0, 300);
