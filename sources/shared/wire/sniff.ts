/** What a connection speaks, by its first bytes. Cheap, and sure: what only might be something is nothing. */

/**
 * - `http1`, `http2`, `tls`: they are read.
 * - `more`: too few bytes to say.
 * - another text: a protocol by its name, which is not read.
 * - undefined: not recognised.
 */
export type Recognised = string | undefined;

/** The first bytes of a client of HTTP/2 (RFC 9113, 3.4). */
export const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** As much as is needed to tell everything apart. */
export const enough = 64;

export function recogniseClient(bytes: Buffer, start: number, end: number): Recognised {
  const length = end - start;
  const first = bytes[start] as number;
  if (first === 0x16) return length < 3 ? 'more' : bytes[start + 1] === 3 ? 'tls' : undefined;
  if (first === 0x50) {
    const compared = Math.min(length, http2Preface.length);
    if (bytes.compare(http2Preface, 0, compared, start, start + compared) === 0)
      return compared === http2Preface.length ? 'http2' : 'more';
  }
  if (looksLikeRequest(bytes, start, end)) return 'http1';
  const text = bytes.toString('latin1', start, Math.min(end, start + enough));
  // Of a request that is not whole.
  if (length < 24 && /^[A-Z]{1,20}(?: (?:h(?:t(?:tp?)?)?)?)?$/.test(text)) return 'more';
  if (/^\*[1-9]\d{0,6}\r\n\$/.test(text) || /^(?:PING|COMMAND|QUIT|INFO)\r\n/i.test(text))
    return 'redis';
  if (length < 8 && /^\*\d*\r?\n?$/.test(text)) return 'more';
  return recogniseBinary(bytes, start, length, text);
}

function recogniseBinary(bytes: Buffer, start: number, length: number, text: string): Recognised {
  if (text.startsWith('SSH-')) return 'ssh';
  if (text.startsWith('AMQP')) return 'amqp';
  if (length < 8) return undefined;
  const [first, second] = [bytes.readUInt32BE(start), bytes.readUInt32BE(start + 4)];
  // Version 3.0 with its settings; the wish for TLS, for GSSAPI, and to cancel.
  if (second === 196_608 && first >= 8 && first < 10_000) return 'postgres';
  if (
    (first === 8 && (second === 80_877_103 || second === 80_877_104)) ||
    (first === 16 && second === 80_877_102)
  )
    return 'postgres';
  if (length >= 16 && bytes.readUInt32LE(start) >= 16 && isMongo(bytes.readUInt32LE(start + 12)))
    return 'mongodb';
  return undefined;
}

/** What a server of HTTP/2 says first, which need not wait for the client: a frame of settings. */
const isHttp2Settings = (bytes: Buffer, start: number, end: number): boolean =>
  end - start >= 9 &&
  bytes[start + 3] === 4 &&
  bytes.readUIntBE(start, 3) % 6 === 0 &&
  bytes.readUIntBE(start, 3) <= 600 &&
  bytes.readUIntBE(start + 4, 5) === 0;

/** PostgreSQL's SSLRequest. */
export const isWishForTls = (bytes: Buffer, start: number): boolean =>
  bytes.readUInt32BE(start + 4) === 80_877_103;

const isMongo = (operation: number): boolean => operation === 2013 || operation === 2004;

/** Of servers that speak first. */
export function recogniseServer(bytes: Buffer, start: number, end: number): Recognised {
  const text = bytes.toString('latin1', start, Math.min(end, start + enough));
  if (text.startsWith('SSH-')) return 'ssh';
  if (isHttp2Settings(bytes, start, end)) return 'http2';
  if (/^220[ -].*(?:SMTP|ESMTP)/s.test(text)) return 'smtp';
  if (/^[^]{3}\0\x0a\d+\.\d+/.test(text)) return 'mysql';
  return undefined;
}

/** Whether it begins as a request does: a method, and a target that can be one. */
export function looksLikeRequest(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  const last = Math.min(end - 1, start + 24);
  while (at < last && isUpper(bytes[at] as number)) at++;
  if (at < start + 3 || at >= end - 1 || bytes[at] !== 0x20) return false;
  const next = bytes[at + 1] as number;
  if (next === 0x2f) return true;
  if (next === 0x2a) return bytes[at + 2] === 0x20;
  const text = bytes.toString('latin1', start, Math.min(end, start + enough));
  return /^[A-Z-]+ https?:\/\//i.test(text) || /^CONNECT [\w.[\]:-]+:\d/.test(text);
}

export const looksLikeResponse = (bytes: Buffer, start: number, end: number): boolean =>
  end - start >= 8 &&
  bytes.readUInt32BE(start) === 0x48545450 &&
  bytes.toString('latin1', start + 4, start + 7) === '/1.';

/** A record of TLS, of a connection that goes on. */
export const looksLikeTls = (bytes: Buffer, start: number, end: number): boolean =>
  end - start >= 5 &&
  (bytes[start] as number) >= 20 &&
  (bytes[start] as number) <= 23 &&
  bytes[start + 1] === 3 &&
  (bytes[start + 2] as number) <= 4;

const isUpper = (byte: number): boolean => (byte >= 0x41 && byte <= 0x5a) || byte === 0x2d;
