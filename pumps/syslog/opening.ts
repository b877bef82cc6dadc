import { hostname } from 'node:os';
import { millis, type PumpContext, readTls, type Sink } from '#pump';
import { StreamTransport } from '../shared/transports/stream-transport.ts';
import type { Transport } from '../shared/transports/transport.ts';
import { UdpTransport } from '../shared/transports/udp-transport.ts';
import type { Options } from './options.ts';
import { settingsOf, targetOf } from './settings.ts';
import { SyslogSink } from './sink.ts';

const speaksTls = 'The receiver speaks TLS: set transport to tls.';

/** Connects to nothing yet: the first batch does. */
export async function openSink(
  options: Options,
  { clock, processId, document }: PumpContext,
  signal: AbortSignal,
): Promise<Sink> {
  const settings = settingsOf(options);
  const transport = await transportOf(options, clock, signal);
  const sender = { hostname: hostname() || 'localhost', processId };
  return new SyslogSink({ transport, settings, sender, document, clock });
}

async function transportOf(
  options: Options,
  clock: PumpContext['clock'],
  signal: AbortSignal,
): Promise<Transport> {
  const target = targetOf(options.network_addr);
  if (target === undefined) throw new Error('The network_addr is no host and port.');
  const { transport } = settingsOf(options);
  if (transport === 'udp') return new UdpTransport({ target, clock, rest: millis(0) });
  const tls = transport === 'tls' ? await readTls(options, signal) : undefined;
  return new StreamTransport({ target, tls, speaksTls, clock, receipt: 'none' });
}
