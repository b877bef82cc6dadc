/**
 * Reads the first message of a TLS server (RFC 8446, 4.1.3), which is in the clear: what of the client's offer it takes. The
 * bytes come from anybody: whatever they are, nothing is thrown and nothing is read beyond their end.
 */
import { Reader } from './reader.ts';
import { versionName } from './version.ts';

export interface ServerHello {
  /** As Node names it: `TLSv1.3`. */
  readonly version: string;
  /** What both speak; undefined: not said here, which is so from TLS 1.3 on, where it is encrypted. */
  readonly alpn: string | undefined;
  readonly random: Uint8Array;
  /** Its number at IANA. */
  readonly suite: number;
  /** 0: nothing is compressed. */
  readonly compression: number;
}

/** Its message. A key share that withstands quantum computers (ML-KEM) alone has 1,120 bytes. */
const longestServerHello = 8192;

/** `bytes`: all that the server has sent so far. Undefined: there is none; `more`: there may be one with more bytes. */
export function readServerHello(bytes: Uint8Array): ServerHello | 'more' | undefined {
  const record = new Reader(bytes);
  const [type, version, length] = [record.number(1), record.number(2), record.number(2)];
  if (record.isShort) return bytes.length < 5 && (bytes[0] ?? 22) === 22 ? 'more' : undefined;
  if (type !== 22 || version >> 8 !== 3 || length < 4) return undefined;
  const message = new Reader(bytes.subarray(5, 5 + length));
  if (message.number(1) !== 2) return message.isShort ? 'more' : undefined;
  const wanted = message.number(3);
  if (wanted > longestServerHello) return undefined;
  if (message.isShort || bytes.length < 9 + wanted) return 'more';
  return helloOf(new Reader(bytes.subarray(9, 9 + wanted)));
}

function helloOf(body: Reader): ServerHello | undefined {
  let version = body.number(2);
  let alpn: string | undefined;
  const random = body.take(32);
  body.list(1); // The session.
  const [suite, compression] = [body.number(2), body.number(1)];
  if (body.isShort) return undefined;
  // Servers of TLS 1.0 may stop here.
  const extensions = body.isAtEnd ? new Reader(new Uint8Array()) : body.list(2);
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.list(2);
    if (type === 43) version = content.number(2);
    else if (type === 16) alpn ??= content.list(2).list(1).rest();
    if (content.isShort) return undefined;
  }
  return hasEnded(body) || hasEnded(extensions)
    ? undefined
    : {
        ...{ version: versionName(version), random, suite, compression },
        alpn: alpn === '' ? undefined : alpn,
      };
}

/** Asked anew: reading goes on meanwhile. */
const hasEnded = ({ isShort }: Reader): boolean => isShort;
