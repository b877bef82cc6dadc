import type { Socket } from 'node:net';
import type { Relay } from '../../shared/relay/relay.ts';
import { type FirstBytes, peekFirstBytes } from '../../shared/tunnel/first-bytes.ts';
import type { Ruling, Rulings } from '../call/ruling.ts';
import { hostOfServerName, readAuthority } from '../policy/authority.ts';
import { passThroughDenial } from '../policy/protocol.ts';
import type { Asked, Denial, EntryMatch } from '../policy/verdict.ts';
import type { Tunnels } from './tunnels.ts';
import { turnAway } from './turn-away.ts';

export interface PortParts {
  readonly rulings: Rulings;
  readonly tunnels: Tunnels;
  /** Takes requests of HTTP that come to this port. */
  readonly relay: Relay;
  readonly firstBytesTimeout: number;
  /** The port of entries that clients mean who connect here. */
  readonly port: number;
  /** The host that all of them mean; left out: whom their TLS or their requests name. */
  readonly host: string | undefined;
}

/**
 * Serves a connection to a listener that stands for a port of entries. Nothing says whom it is for but what it sends: the name in
 * its ClientHello, the Host header of its requests, or nothing, where one entry alone speaks TCP at this port.
 */
export async function servePort(socket: Socket, parts: PortParts): Promise<void> {
  const { rulings, tunnels, port } = parts;
  const ruling = rulings.current;
  const tcp = tcpTarget(ruling, parts);
  if (tcp !== undefined) {
    await serveTcp(socket, tcp, { ruling, tunnels });
    return;
  }
  const first = await peekFirstBytes(socket, parts.firstBytesTimeout).catch(() => undefined);
  if (first === undefined || first.kind === 'nothing') {
    socket.destroy();
    return;
  }
  if (first.kind === 'http' || first.kind === 'http2') {
    parts.relay.accept(socket);
    return;
  }
  if (first.kind === 'tls') {
    await serveTls(socket, first, { ...parts, ruling });
    return;
  }
  const caller = tunnels.callerOf(socket, { by: 'tcp', asked: `:${port}` });
  const words =
    first.kind === 'broken-tls'
      ? `this is no TLS: ${first.words}`
      : `nothing says whom a connection to port ${port} is for: it is neither TLS nor HTTP, and not exactly one host of the entries speaks TCP there`;
  tunnels.deny(caller, { reason: 'protocol', words }, undefined, first);
  turnAway(socket, first);
}

/** Whom a connection of TCP is for; undefined: its first bytes must say so. */
function tcpTarget(
  { judge }: Ruling,
  { port, host }: Pick<PortParts, 'port' | 'host'>,
): Asked | undefined {
  if (host !== undefined) {
    const found = readAuthority(host.includes(':') ? `[${host}]` : host);
    return found.ok ? { ...found.authority, port } : undefined;
  }
  const [only, ...others] = judge.tcpHostsAt(port);
  if (only === undefined || others.length > 0) return undefined;
  const { name, isWildcard } = only.host.pattern;
  return isWildcard ? undefined : { host: name, isAddress: false, port };
}

interface Serving {
  readonly ruling: Ruling;
  readonly tunnels: Tunnels;
}

async function serveTcp(socket: Socket, asked: Asked, { ruling, tunnels }: Serving): Promise<void> {
  const caller = tunnels.callerOf(socket, { by: 'tcp', asked: shown(asked) });
  const verdict = ruling.judge.verdictOf(asked);
  if (verdict.kind === 'denied') {
    tunnels.deny(caller, verdict.denial, undefined);
    turnAway(socket, undefined);
    return;
  }
  const match = verdict.kind === 'entry' ? verdict : undefined;
  const denial = match && tcpDenial(match);
  if (denial !== undefined) {
    tunnels.deny(caller, denial, match);
    turnAway(socket, undefined);
    return;
  }
  const opened = await tunnels.open(caller, asked, { ruling, match });
  if (opened.ok) tunnels.join(caller, opened, match);
  else turnAway(socket, undefined);
}

const tcpDenial = ({ entry, port }: EntryMatch): Denial | undefined =>
  port.protocol === 'TCP'
    ? undefined
    : {
        reason: 'protocol',
        words: `port ${port.number} of the entry ${entry.name} is for ${port.protocol}, and a listener with a host takes any bytes`,
      };

/** TLS is passed through by the name that it asks for, byte for byte. */
async function serveTls(
  socket: Socket,
  first: Extract<FirstBytes, { kind: 'tls' }>,
  { ruling, tunnels, port }: Serving & Pick<PortParts, 'port'>,
): Promise<void> {
  const { serverName } = first.hello;
  const host = serverName === undefined ? undefined : hostOfServerName(serverName);
  const caller = tunnels.callerOf(socket, {
    by: 'tls',
    asked: host === undefined ? `:${port}` : `${host}:${port}`,
  });
  const deny = (denial: Denial, match?: EntryMatch): void => {
    tunnels.deny(caller, denial, match, first);
    turnAway(socket, first);
  };
  if (host === undefined) {
    const isMissing = serverName === undefined;
    const reason = isMissing ? 'no_sni' : 'malformed';
    const words = isMissing
      ? 'its TLS asks for no name'
      : 'the name that its TLS asks for is no name';
    deny({ reason, words });
    return;
  }
  const asked: Asked = { host, isAddress: false, port };
  const verdict = ruling.judge.verdictOf(asked);
  if (verdict.kind === 'denied') {
    deny(verdict.denial);
    return;
  }
  const match = verdict.kind === 'entry' ? verdict : undefined;
  const denial = (match && tlsDenial(match)) ?? passThroughDenial(asked, first);
  if (denial !== undefined) {
    deny(denial, match);
    return;
  }
  const opened = await tunnels.open(caller, asked, { ruling, match });
  if (opened.ok) tunnels.join(caller, opened, match, first);
  else turnAway(socket, first);
}

const tlsDenial = ({ entry, port }: EntryMatch): Denial | undefined =>
  ['HTTPS', 'TLS', 'TCP'].includes(port.protocol)
    ? undefined
    : {
        reason: 'protocol',
        words: `port ${port.number} of the entry ${entry.name} is for ${port.protocol}: TLS begins here, so the client speaks without it`,
      };

const shown = ({ host, port }: Asked): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
