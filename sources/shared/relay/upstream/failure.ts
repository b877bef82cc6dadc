import { type HostPort, isTlsAlert, shownHostPort, tlsWords } from '#source';
import type { Upstream, UpstreamFailure } from '../decision.ts';
import type { Malformed } from '../wire/malformed.ts';

/** An upstream that cannot be reached, for a reason that is known where it happens. */
export class NoConnection extends Error {
  readonly kind: string;

  constructor(kind: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'NoConnection';
    this.kind = kind;
  }
}

/** An answer that is not HTTP/1.1, or too large. */
export class BadAnswer extends Error {
  readonly isTooLarge: boolean;
  /** What was read last. */
  readonly bytes: Uint8Array;

  constructor({ message, isTooLarge }: Malformed, bytes: Uint8Array) {
    super(message);
    this.name = 'BadAnswer';
    this.isTooLarge = isTooLarge;
    this.bytes = bytes;
  }
}

/** Kind and beginning of a sentence, by the code of a system call. */
const byCode: Readonly<Record<string, readonly [kind: string, words: string]>> = {
  ECONNREFUSED: ['refused', 'refuses connections: nothing listens there'],
  ENOENT: ['refused', 'is not there: no such socket'],
  EACCES: ['refused', 'may not be connected to: permission denied'],
  ENOTFOUND: ['unresolved', 'has a name that cannot be resolved'],
  EAI_AGAIN: ['unresolved', 'has a name that cannot be resolved now'],
  EHOSTUNREACH: ['unreachable', 'cannot be reached: no route to it'],
  ENETUNREACH: ['unreachable', 'cannot be reached: no route to its network'],
  ETIMEDOUT: ['timeout', 'did not answer in time'],
  ECONNRESET: ['reset', 'broke the connection before its answer was complete'],
  EPIPE: ['reset', 'broke the connection before its answer was complete'],
  EMFILE: ['unreachable', 'was not asked: this process has too many open files'],
};

const ofUpstream = { authority: 'its CA', pair: 'its certificate and key' };

/** Why an upstream gave no answer, or only a part of one, with what to do about it where that is known. */
export function failureOf(error: unknown, upstream: Upstream): UpstreamFailure {
  const name = shownUpstream(upstream);
  if (error instanceof NoConnection) return { kind: error.kind, words: error.message };
  if (error instanceof BadAnswer) return ofBadAnswer(error, name);
  const { code = '' } = error as NodeJS.ErrnoException;
  const places = upstream.tlsPlaces ?? ofUpstream;
  const aboutTls =
    code === 'DEPTH_ZERO_SELF_SIGNED_CERT'
      ? `its certificate is self-signed: if it is the right one, name it in ${places.authority}`
      : tlsWords(error, places);
  if (aboutTls !== undefined)
    return {
      kind: 'tls',
      words: `the upstream ${name} was not trusted or not understood: ${aboutTls}`,
    };
  if (code.startsWith('ERR_HTTP2'))
    return { kind: 'reset', words: `the upstream ${name} broke the stream (${code})` };
  const [kind, words] = byCode[code] ?? ['reset', `broke the connection (${code || 'no code'})`];
  return { kind, words: `the upstream ${name} ${words}` };
}

function ofBadAnswer({ message, isTooLarge, bytes }: BadAnswer, name: string): UpstreamFailure {
  if (isTlsAlert(bytes))
    return {
      kind: 'tls',
      words: `the upstream ${name} answers TLS to plain HTTP: its address should begin with https://`,
    };
  const words = isTooLarge
    ? `the head of the answer of the upstream ${name} is too large`
    : `the upstream ${name} does not answer in HTTP/1.1 (${message})`;
  return { kind: 'protocol', words };
}

/** The status of our answer where there is none of the upstream. */
export const statusOf = ({ kind }: UpstreamFailure): number =>
  kind === 'timeout' ? 504 : kind === 'denied' ? 403 : 502;

export const shownUpstream = (upstream: Upstream): string =>
  upstream.socketPath ?? shownHostPort(upstream satisfies HostPort);
