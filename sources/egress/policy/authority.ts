import { isIPv4, isIPv6 } from 'node:net';

/** Whom a client asks for, in the one spelling that everything behind this compares. */
export interface Authority {
  /** A name in lower case without a dot at its end, or an address as `canonicalAddress` spells it, without brackets. */
  readonly host: string;
  readonly isAddress: boolean;
  /** Undefined: none was written. */
  readonly port: number | undefined;
}

export type AuthorityReading =
  | { readonly ok: true; readonly authority: Authority }
  | { readonly ok: false; readonly words: string };

/**
 * Reads `host`, `host:port`, `[address]:port` as a Host header, `:authority`, CONNECT or an absolute target has them. What two
 * readers could understand in two ways is refused rather than guessed: users, other ways to write an address of version 4, zones,
 * characters beyond ASCII. Names of the client's are in ASCII on the wire (RFC 5890), so none is translated here.
 */
export function readAuthority(text: string): AuthorityReading {
  if (text === '') return refused('no host is named');
  if (text.includes('@')) return refused('a user stands before the host');
  if (/[^!-~]/.test(text)) return refused('the host has characters that no host has');
  const [, bracketed, plain, colon, digits = ''] =
    /^(?:\[([^[\]]*)\]|([^:[\]]*))(?:(:)(.*))?$/s.exec(text) ?? [];
  const written = bracketed ?? plain;
  if (written === undefined) return refused('the host is no name and no address');
  const port = colon === undefined ? undefined : portOf(digits);
  if (port === null) return refused('the port is no number from 1 to 65535');
  if (bracketed !== undefined) return addressIn(bracketed, port);
  const host = nameOf(written);
  if (host.ok) return { ok: true, authority: { ...host, port } };
  return host;
}

/** The name that a client's TLS asks for, spelled as `readAuthority` does; undefined: it is no name. */
export function hostOfServerName(serverName: string): string | undefined {
  const found = nameOf(serverName);
  return found.ok && !found.isAddress ? found.host : undefined;
}

/** As in `1.2.3.4`, `2001:db8::1`. An address of version 4 that is written in one of version 6 is the former. */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address)) return address;
  // As WHATWG's URL does: lower case, shortest form.
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [upper >> 8, upper & 0xff, lower >> 8, lower & 0xff].join('.');
}

function addressIn(text: string, port: number | undefined): AuthorityReading {
  if (text.includes('%'))
    return refused('the address names a zone, which is another one on each machine');
  if (!isIPv6(text)) return refused('what stands in brackets is no address of version 6');
  return { ok: true, authority: { host: canonicalAddress(text), isAddress: true, port } };
}

type HostReading =
  | { readonly ok: true; readonly host: string; readonly isAddress: boolean }
  | { readonly ok: false; readonly words: string };

function nameOf(written: string): HostReading {
  if (isIPv4(written)) return { ok: true, host: written, isAddress: true };
  // With a dot at its end it is the same name (RFC 1034, 3.1).
  const host = written.toLowerCase().replace(/\.$/, '');
  if (host === '') return refused('no host is named');
  // What WHATWG's URL, inet_aton and with them most clients take for an address: `127.1`, `0x7f000001`, `017700000001`, `1.2.3.4.`.
  if (/(?:^|\.)(?:\d+|0x[\da-f]*)$/.test(host))
    return refused('an address of version 4 is written in another way than as four numbers');
  if (host.length > 253) return refused('the name is longer than 253 characters');
  if (!/^[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})*$/.test(host))
    return refused('the host is no name and no address');
  return { ok: true, host, isAddress: false };
}

/** Null: none. */
const portOf = (digits: string): number | null =>
  /^[1-9]\d{0,4}$/.test(digits) && Number(digits) <= 65_535 ? Number(digits) : null;

const refused = (words: string): { readonly ok: false; readonly words: string } => ({
  ok: false,
  words,
});
