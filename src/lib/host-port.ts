/** A place in a network, without brackets and not yet resolved. */
export interface HostPort {
  /** A name or an address of either family; empty where only a port was written. */
  readonly host: string;
  readonly port: number;
}

/**
 * `host:port`, `[::1]:port`, `:port`; undefined where it is none of these. User, password and path are in none, and
 * an address of IPv6 needs its brackets here, or nobody could say where it ends.
 */
export function hostPortOf(text: string): HostPort | undefined {
  const [, bracketed, plain, digits] =
    /^(?:\[([^[\]@/?#\\\s]+)\]|([^:[\]@/?#\\\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { host: bracketed ?? plain ?? '', port };
}

/** A host that stands alone, as sockets take it: files and charts write an address of IPv6 with and without brackets. */
export const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** Whether it can be a host alone: `redis:6379` and `redis://redis` cannot. */
export const isHost = (text: string): boolean =>
  /^(?:[^:[\]@/?#\\\s]+|\[?[\da-fA-F:.]*:[\da-fA-F:.]*(?:%[\w.-]+)?\]?)$/.test(text) &&
  text.startsWith('[') === text.endsWith(']') &&
  !/^[^:]+:\d{1,5}$/.test(text);

/** For a message or a URL. */
export const shownHostPort = ({ host, port }: HostPort): string =>
  `${host.includes(':') ? `[${bareHost(host)}]` : host}:${port}`;
