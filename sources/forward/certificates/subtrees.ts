/** Name constraints of an authority (RFC 5280, 4.2.1.10): what it may vouch for, and therefore nothing else. */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { context, sequence } from './der.ts';

/** What an authority is for: names with all below them, and networks. */
export interface Subtrees {
  readonly names: readonly string[];
  readonly networks: readonly { readonly address: string; readonly bits: number }[];
}

/** Reads `example.com` and `10.0.0.0/8`. All problems at once. */
export function readSubtrees(entries: readonly string[]): {
  readonly subtrees: Subtrees;
  readonly problems: readonly string[];
} {
  const names: string[] = [];
  const networks: { address: string; bits: number }[] = [];
  const problems: string[] = [];
  for (const entry of entries) {
    const [address = '', length] = entry.split('/', 2);
    const longest = isIP(address) === 4 ? 32 : 128;
    const bits = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : -1;
    const name = domainToASCII(entry.replace(/^\*?\./, ''));
    if (isIP(address) !== 0 && bits >= 0 && bits <= longest) networks.push({ address, bits });
    else if (/^(?!-)[a-z\d-]+(\.[a-z\d-]+)*$/.test(name) && isIP(name) === 0) names.push(name);
    else problems.push(entry);
  }
  return { subtrees: { names, networks }, problems };
}

/**
 * The value of the extension. It says nothing of a kind of name that it does not mention, so that an authority for names
 * alone could vouch for every address: of a kind that is not wanted, all is excluded.
 */
export function nameConstraints({ names, networks }: Subtrees): Buffer {
  const permitted = [...names.map(ofName), ...networks.map(ofNetwork)];
  const excluded = [
    ...(names.length === 0 ? [ofName('')] : []),
    ...(networks.length === 0 ? [everyAddress(4), everyAddress(16)] : []),
  ];
  return sequence(
    context(0, Buffer.concat(permitted)),
    ...(excluded.length === 0 ? [] : [context(1, Buffer.concat(excluded))]),
  );
}

const ofName = (name: string): Buffer => sequence(context(2, Buffer.from(name, 'latin1'), true));

const ofAddress = (bytes: Uint8Array): Buffer => sequence(context(7, bytes, true));

const everyAddress = (octets: 4 | 16): Buffer => ofAddress(Buffer.alloc(2 * octets));

function ofNetwork({ address, bits }: { address: string; bits: number }): Buffer {
  const bytes = addressBytes(address) ?? Buffer.alloc(0);
  const mask = bytes.map((_, at) => (0xff << (8 - Math.min(8, Math.max(0, bits - 8 * at)))) & 0xff);
  return ofAddress(Buffer.concat([bytes.map((byte, at) => byte & (mask[at] ?? 0)), mask]));
}

/** 4 or 16 bytes; undefined: it is a name. */
export function addressBytes(host: string): Buffer | undefined {
  const family = isIP(host);
  if (family === 0) return undefined;
  if (family === 4) return Buffer.from(host.split('.').map(Number));
  // The URL parser writes the groups out in one form, dots included.
  const groups = new URL(`http://[${host}]`).hostname.slice(1, -1);
  const [head = '', tail] = groups.split('::', 2);
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const gap = Array.from({ length: 8 - front.length - back.length }, () => 0);
  const bytes = Buffer.alloc(16);
  [...front, ...gap, ...back].forEach((group, at) => {
    bytes.writeUInt16BE(group, 2 * at);
  });
  return bytes;
}

const groupsOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
