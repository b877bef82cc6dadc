import { hostname } from 'node:os';
import { type PumpContext, readTls, type Sink } from '#pump';
import type { Transport } from './client.ts';
import { DatagramTransport } from './datagram.ts';
import type { Options } from './options.ts';
import { settingsOf, targetOf } from './settings.ts';
import { SyslogSink } from './sink.ts';
import { StreamTransport } from './stream.ts';

/** Connects to nothing yet: the first batch does. */
export async function openSink(
  options: Options,
  { clock, processId }: PumpContext,
  signal: AbortSignal,
): Promise<Sink> {
  const settings = settingsOf(options);
  const transport = await transportOf(options, clock, signal);
  const sender = { hostname: hostname() || 'localhost', processId };
  return new SyslogSink({ transport, settings, sender, clock });
}

async function transportOf(
  options: Options,
  clock: PumpContext['clock'],
  signal: AbortSignal,
): Promise<Transport> {
  const target = targetOf(options.network_addr);
  if (target === undefined) throw new Error('The network_addr is no host and port.');
  const { transport } = settingsOf(options);
  if (transport === 'udp') return new DatagramTransport(target, clock);
  const tls = transport === 'tls' ? await readTls(options, signal) : undefined;
  return new StreamTransport({ target, tls, clock });
}
