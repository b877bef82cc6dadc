import type { Clock } from '../../lib/clock.ts';
import type { Health } from '../sink.ts';
import type { Failure } from '../verdict.ts';
import type { Packet } from './packets.ts';
import type { LineTarget } from './target.ts';

/** Sends packets of metric lines. Made lazily: the libraries are loaded by those who need them. */
export interface LineTransport {
  /** For each packet: undefined once it is sent, or what went wrong. Never rejects. */
  send(packets: readonly Packet[], signal: AbortSignal): Promise<readonly (Failure | undefined)[]>;
  check(signal: AbortSignal): Promise<Health>;
  close(): void;
}

/** Connects to nothing yet. Throws where this machine cannot speak the protocol. */
export async function openLineTransport(target: LineTarget, clock: Clock): Promise<LineTransport> {
  if (target.protocol === 'tcp') {
    const { TcpTransport } = await import('./tcp-transport.ts');
    return new TcpTransport(target);
  }
  const { openDatagramTransport } = await import('./datagram-transport.ts');
  return openDatagramTransport(target, clock);
}
