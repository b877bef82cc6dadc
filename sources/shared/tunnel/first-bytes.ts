import type { Duplex } from 'node:stream';
import { type ClientHello, longestClientHello, readClientHello } from '../tls/client-hello.ts';

/**
 * What a client begins with, which tells what it speaks:
 * - `tls`, with what its ClientHello says; `broken-tls`, where `words` say what is wrong with it
 * - `http`: a request of HTTP/1; `http2`: HTTP/2 without TLS
 * - `other`: another protocol; or one in which the server speaks first, as nothing came in time
 * - `nothing`: it closed the connection without a byte
 */
export type FirstBytes =
  | { readonly kind: 'tls'; readonly hello: ClientHello }
  | { readonly kind: 'broken-tls'; readonly words: string }
  | { readonly kind: 'http' | 'http2' | 'other' | 'nothing' };

/** `bytes`: all that has come so far. Undefined: too few to know. */
function readFirstBytes(bytes: Uint8Array): FirstBytes | undefined {
  const reading = readClientHello(bytes);
  if (reading.kind === 'hello') return { kind: 'tls', hello: reading.hello };
  if (reading.kind === 'broken') return { kind: 'broken-tls', words: reading.words };
  if (reading.kind === 'other') return plainBytes(bytes);
  if (bytes.length <= longestClientHello + 4096) return undefined;
  return { kind: 'broken-tls', words: 'its ClientHello has no end' };
}

const methods = [
  ...['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT'],
  ...['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'REPORT', 'SEARCH'],
].map((method) => `${method} `);
const preface = 'PRI * HTTP/2.0\r\n';

function plainBytes(bytes: Uint8Array): FirstBytes | undefined {
  const text = Buffer.from(bytes.subarray(0, preface.length)).toString('latin1');
  if (text.startsWith(preface)) return { kind: 'http2' };
  if (methods.some((method) => text.startsWith(method))) return { kind: 'http' };
  const canBecome = (whole: string): boolean => whole.startsWith(text);
  return canBecome(preface) || methods.some(canBecome) ? undefined : { kind: 'other' };
}

/**
 * What is to be shown each chunk that a client sends; it calls `seen` once, as soon as it is known what it speaks. Keeps at most
 * a ClientHello.
 */
export function lookAtFirstBytes(seen: (first: FirstBytes) => void): (chunk: Buffer) => void {
  let held: Buffer | undefined = Buffer.alloc(0);
  return (chunk) => {
    if (held === undefined) return;
    // A copy: the chunk may be lent.
    held = Buffer.concat([held, chunk]);
    const first = readFirstBytes(held);
    if (first === undefined) return;
    held = undefined;
    seen(first);
  };
}

/**
 * Reads until it is known what the client speaks, puts the bytes back, and leaves the socket paused: who takes it reads
 * them as if nobody had. `wait`: milliseconds after which a silent client counts as `other`. Rejects where the connection
 * fails first.
 */
export function peekFirstBytes(socket: Duplex, wait: number): Promise<FirstBytes> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => finish({ kind: 'other' }), wait);
    const leave = (): void => {
      clearTimeout(timer);
      socket.pause();
      socket.off('data', take).off('end', end).off('error', fail).off('close', close);
    };
    const finish = (first: FirstBytes): void => {
      leave();
      if (chunks.length > 0) socket.unshift(Buffer.concat(chunks));
      resolve(first);
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      const first = readFirstBytes(chunks.length === 1 ? chunk : Buffer.concat(chunks));
      if (first !== undefined) finish(first);
    };
    const fail = (error: Error): void => {
      leave();
      reject(error);
    };
    const close = (): void => fail(new Error('the client closed the connection'));
    // At the end of what it sends nothing can be put back.
    const end = (): void => {
      leave();
      if (chunks.length === 0) resolve({ kind: 'nothing' });
      else reject(new Error('the client ended its first message in the middle'));
    };
    socket.on('data', take).on('end', end).on('error', fail).on('close', close);
    socket.resume();
  });
}
