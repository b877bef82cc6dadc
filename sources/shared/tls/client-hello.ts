/**
 * Reads the first message of a TLS client (RFC 8446, 4.1.2), which is in the clear: whom it asks for, and what it offers.
 * The bytes come from anybody: whatever they are, nothing is thrown and nothing is read beyond their end.
 */

import { Reader } from './reader.ts';
import { versionName } from './version.ts';

/** What a client says of itself before anything is encrypted. */
export interface ClientHello {
  /** SNI, in lower case and without a dot at its end; undefined: it names nobody, as where it knows an address alone. */
  readonly serverName: string | undefined;
  /** What it would speak, in its own order: `h2`, `http/1.1`. */
  readonly alpn: readonly string[];
  /** The latest version that it offers, as Node names them: `TLSv1.3`. */
  readonly version: string;
  /** Its own 32 bytes, by which a key log names the session. */
  readonly random: Uint8Array;
  /** It may send data before the server has answered (TLS 1.3, 0-RTT). */
  readonly offersEarlyData: boolean;
}

/**
 * - `hello`: it is there, whole.
 * - `more`: so far it can be one; ask again with more bytes.
 * - `other`: it is no TLS.
 * - `broken`: it begins as TLS does and cannot be read on; `words` say why.
 */
export type HelloReading =
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  | { readonly kind: 'more' }
  | { readonly kind: 'other' }
  | { readonly kind: 'broken'; readonly words: string };

/** More than any client sends (keys that withstand quantum computers make 2 KB of it): how much is worth waiting for. */
export const longestClientHello = 32 * 1024;

const handshakeRecord = 22;
const clientHelloMessage = 1;
/** Of a record, by the RFC, with room for what ciphers add; plain handshakes stay below. */
const longestRecord = 16_384;

const more: HelloReading = { kind: 'more' };
const other: HelloReading = { kind: 'other' };
const broken = (words: string): HelloReading => ({ kind: 'broken', words });

/** `bytes`: all that the client has sent so far. */
export function readClientHello(bytes: Uint8Array): HelloReading {
  const message = handshakeOf(bytes);
  if ('kind' in message) return message;
  const { body, length } = message;
  if (body.length === 0) return more;
  if (body[0] !== clientHelloMessage) return broken('its first message is no ClientHello');
  if (length === undefined) return more;
  if (length > longestClientHello) return broken(`its ClientHello has ${length} bytes`);
  return body.length < 4 + length ? more : helloOf(body.subarray(4, 4 + length));
}

interface Handshake {
  readonly body: Uint8Array;
  /** Of the first message, where its head is there. */
  readonly length: number | undefined;
}

/** The handshake bytes out of as many records as they are in. */
function handshakeOf(bytes: Uint8Array): HelloReading | Handshake {
  const parts: Uint8Array[] = [];
  let wanted: number | undefined;
  let held = 0;
  for (let at = 0; at < bytes.length && (wanted === undefined || held < 4 + wanted); ) {
    const isFirst = at === 0;
    if (bytes[at] !== handshakeRecord)
      return isFirst ? other : broken('another record stands in the middle of its ClientHello');
    // 3.0 to 3.4: what an old server must see here.
    if (at + 1 < bytes.length && bytes[at + 1] !== 3)
      return isFirst ? other : broken('a record in its ClientHello has another version');
    if (at + 5 > bytes.length) break;
    const length = ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number);
    if (length === 0 || length > longestRecord)
      return isFirst ? other : broken(`a record of its ClientHello has ${length} bytes`);
    const part = bytes.subarray(at + 5, at + 5 + length);
    parts.push(part);
    held += part.length;
    wanted ??= lengthIn(parts, held);
    at += 5 + length;
  }
  return {
    body: parts.length === 1 ? (parts[0] as Uint8Array) : joined(parts, held),
    length: wanted,
  };
}

/** The three bytes behind the message's type, which need not be in one record. */
function lengthIn(parts: readonly Uint8Array[], held: number): number | undefined {
  if (held < 4) return undefined;
  const head = joined(parts, held);
  return ((head[1] as number) << 16) | ((head[2] as number) << 8) | (head[3] as number);
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function helloOf(body: Uint8Array): HelloReading {
  const reader = new Reader(body);
  const legacyVersion = reader.number(2);
  const random = reader.take(32);
  reader.list(1); // The session.
  reader.list(2); // Ciphers.
  reader.list(1); // Compressions.
  // Clients of TLS 1.0 may stop here.
  const extensions = reader.isAtEnd ? new Reader(new Uint8Array()) : reader.list(2);
  const found = extensionsIn(extensions);
  if (reader.isShort || extensions.isShort || found === undefined)
    return broken('its ClientHello says that it is longer than it is');
  const { serverName, alpn, version, offersEarlyData } = found;
  if (serverName !== undefined && !/^[!-~]{1,255}$/.test(serverName))
    return broken('the name that it asks for is no host name');
  return {
    kind: 'hello',
    hello: {
      serverName: serverName?.toLowerCase().replace(/\.$/, ''),
      alpn,
      version: versionName(version ?? legacyVersion),
      random,
      offersEarlyData,
    },
  };
}

interface Extensions {
  serverName: string | undefined;
  alpn: readonly string[];
  version: number | undefined;
  offersEarlyData: boolean;
}

/** Undefined: one of them ends beyond its own length. */
function extensionsIn(extensions: Reader): Extensions | undefined {
  const found: Extensions = {
    ...{ serverName: undefined, alpn: [], version: undefined, offersEarlyData: false },
  };
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.list(2);
    if (extensions.isShort) return undefined;
    // As servers do: the first of a kind counts.
    if (type === 0) found.serverName ??= serverNameIn(content);
    else if (type === 16 && found.alpn.length === 0) found.alpn = protocolsIn(content);
    else if (type === 42) found.offersEarlyData = true;
    else if (type === 43) found.version ??= latestIn(content);
    if (content.isShort) return undefined;
  }
  return found;
}

function serverNameIn(content: Reader): string | undefined {
  const names = content.list(2);
  let found: string | undefined;
  while (!names.isAtEnd) {
    const isHostName = names.number(1) === 0;
    const name = names.list(2);
    if (isHostName && !names.isShort) found ??= name.rest();
  }
  if (names.isShort) content.fail();
  return found;
}

function protocolsIn(content: Reader): readonly string[] {
  const protocols: string[] = [];
  const list = content.list(2);
  while (!list.isAtEnd) {
    const name = list.list(1).rest();
    if (!isGrease(name)) protocols.push(name);
  }
  if (list.isShort) content.fail();
  return protocols;
}

/** Of those that are known: browsers mix in some that do not exist (GREASE, RFC 8701). */
function latestIn(content: Reader): number | undefined {
  const versions = content.list(1);
  let latest: number | undefined;
  while (!versions.isAtEnd) {
    const version = versions.number(2);
    if (version >= 0x0300 && version <= 0x0304) latest = Math.max(latest ?? 0, version);
  }
  if (versions.isShort) content.fail();
  return latest;
}

const isGrease = (name: string): boolean =>
  name.length === 2 && name[0] === name[1] && (name.charCodeAt(0) & 0x0f) === 0x0a;
