import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { explain } from '../../lib/errors.ts';
import { shownHostPort } from '../../lib/host-port.ts';
import { classify } from '../classify.ts';
import type { Health } from '../sink.ts';
import type { Failure } from '../verdict.ts';
import type { LineTransport } from './line-transport.ts';
import type { Packet } from './packets.ts';

/** Bytes; of one connection. */
const mostHeard = 64 * 1024;

const lineFeed = Buffer.from('\n');

/**
 * A connection for each batch. StatsD over TCP has no answers, but a daemon closes its side once it has read to the end
 * of ours: that is waited for, so a daemon that is gone, or goes in the middle, is noticed. Not through hot-shots, whose
 * TCP writes texts as ASCII, which breaks every other character (bdeitte/hot-shots#329), and cannot tell what arrived.
 */
export class TcpTransport implements LineTransport {
  readonly #host: string;
  readonly #port: number;

  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    this.#host = host;
    this.#port = port;
  }

  async send(
    packets: readonly Packet[],
    signal: AbortSignal,
  ): Promise<readonly (Failure | undefined)[]> {
    const failure = await this.#talk(packets, signal);
    return packets.map(() => failure);
  }

  async check(signal: AbortSignal): Promise<Health> {
    const failure = await this.#talk([], signal);
    return failure === undefined ? { state: 'up' } : { state: 'down', reason: failure.message };
  }

  close(): void {
    // Every connection ended with its batch.
  }

  async #talk(packets: readonly Packet[], signal: AbortSignal): Promise<Failure | undefined> {
    if (signal.aborted) return { kind: 'timeout', message: 'aborted before anything was sent' };
    const socket = connect({ host: this.#host, port: this.#port });
    try {
      await once(socket, 'connect', { signal });
      await handOver(socket, packets, signal);
      return undefined;
    } catch (error) {
      return failureOf(error, shownHostPort({ host: this.#host, port: this.#port }));
    } finally {
      socket.on('error', () => undefined);
      socket.destroy();
    }
  }
}

async function handOver(
  socket: Socket,
  packets: readonly Packet[],
  signal: AbortSignal,
): Promise<void> {
  const closed = once(socket, 'close', { signal });
  // A daemon says nothing; if it does, its words must not hold up the end of the stream, unless there is no end of them.
  let heard = 0;
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.length;
    if (heard > mostHeard)
      socket.destroy(new Error('It talks on and on, as no StatsD daemon does.'));
  });
  socket.end(Buffer.concat(packets.flatMap(({ bytes }) => [bytes, lineFeed])));
  await closed;
}

function failureOf(error: unknown, address: string): Failure {
  const verdict = classify(error);
  const kind = verdict.outcome === 'delivered' ? 'unexpected' : verdict.failure.kind;
  return { kind, message: `${address}: ${explain(error)}`, cause: error };
}
