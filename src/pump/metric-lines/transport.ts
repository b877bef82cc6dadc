import type { Clock } from '../../lib/clock.ts';
import type { LineTransport } from './line-transport.ts';
import type { LineTarget } from './target.ts';

/** Connects to nothing yet; loads only the library it needs. Throws where this machine cannot speak the protocol. */
export async function openLineTransport(target: LineTarget, clock: Clock): Promise<LineTransport> {
  if (target.protocol === 'tcp') {
    const { TcpTransport } = await import('./tcp-transport.ts');
    return new TcpTransport(target);
  }
  const { openDatagramTransport } = await import('./datagram-transport.ts');
  return openDatagramTransport(target, clock);
}
