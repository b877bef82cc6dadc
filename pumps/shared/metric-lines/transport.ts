import { type Clock, millis } from '#pump';
import { StreamTransport } from '../transports/stream-transport.ts';
import type { Transport } from '../transports/transport.ts';
import { UdpTransport } from '../transports/udp-transport.ts';
import type { LineTarget } from './target.ts';

/** A datagram has many lines, and a daemon takes each apart: it may be slower than datagrams come. */
const rest = millis(1);

const speaksTls = 'What listens there speaks TLS, as no StatsD daemon does.';

/** Connects to nothing yet; loads only the library it needs. Throws where this machine cannot speak the protocol. */
export async function openLineTransport(target: LineTarget, clock: Clock): Promise<Transport> {
  switch (target.protocol) {
    case 'udp':
      return new UdpTransport({ target, clock, rest });
    case 'tcp':
      // Not through hot-shots, whose TCP writes texts as ASCII, which breaks every other character
      // (bdeitte/hot-shots#329), and cannot tell what arrived.
      return new StreamTransport({ target, tls: undefined, speaksTls, clock, receipt: 'close' });
    case 'unix': {
      const { openUnixTransport } = await import('../transports/unix-transport.ts');
      return openUnixTransport(target.path);
    }
    default:
      return target satisfies never;
  }
}
