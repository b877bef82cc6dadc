import { type Bytes, bytes, type HostPort, hostPortOf } from '#pump';
import type { Framing } from './framing.ts';
import type { Options } from './options.ts';

/** Where messages go. */
export type Target = HostPort;

/** The options with the meaning of what was left out worked in. */
export interface Settings {
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly framing: Framing;
  /** Line ends within a datagram stay. */
  readonly keepsLineEnds: boolean;
  readonly format: Options['format'];
  readonly priority: number;
  readonly tag: string;
  readonly structuredDataId: string;
  readonly mostBytes: Bytes;
}

/** A datagram of IPv4 holds no more. */
const datagramBytes = 65_507;

export function settingsOf(options: Options): Settings {
  const transport = options.transport === '' ? 'udp' : options.transport;
  const most = options.max_message_size ?? Number.POSITIVE_INFINITY;
  return {
    transport,
    framing: framingOf(transport, options),
    keepsLineEnds: options.format === 'map' && options.line_ends === 'keep',
    format: options.format,
    priority: options.log_level,
    tag: options.tag === '' ? 'syslog-pump' : options.tag,
    structuredDataId: options.structured_data_id,
    mostBytes: bytes(transport === 'udp' ? Math.min(most, datagramBytes) : most),
  };
}

function framingOf(transport: Settings['transport'], { framing }: Options): Framing {
  if (transport === 'udp') return 'datagram';
  return framing ?? (transport === 'tls' ? 'octet-counting' : 'newline');
}

/** `host:port`, `[::1]:port`; an empty host is this machine. Undefined where it is none of these. */
export function targetOf(address: string): Target | undefined {
  const target = hostPortOf(address);
  if (target === undefined || target.port === 0) return undefined;
  return target.host === '' ? { ...target, host: 'localhost' } : target;
}
