import type {
  CallFacts,
  Direction,
  Endpoint,
  Exchange,
  ExchangeError,
  SourceContext,
} from '#source';
import type { FirstBytes } from './first-bytes.ts';
import type { TunnelOutcome } from './tunnel.ts';

/** What is known of a tunnel when it opens. */
export interface TunnelFacts {
  readonly source: string;
  readonly direction: Direction;
  readonly client: Endpoint;
  /** Undefined: nobody could be reached. */
  readonly server: Endpoint | undefined;
  /** `host:port` that was asked for. */
  readonly target: string;
  /** Headers of the CONNECT, without those that are for the proxy alone; empty where there was none. */
  readonly rawHeaders: readonly string[];
  readonly call: CallFacts;
}

/** When it was asked for, and how long the server took to be there: milliseconds, by `now` and `elapsed` of the clock. */
export interface TunnelTimes {
  readonly startedAt: number;
  readonly started: number;
  readonly upstream: number;
}

export const startOf = (clock: SourceContext['clock']): { startedAt: number; started: number } => ({
  startedAt: clock.now(),
  started: clock.elapsed(),
});

const noBody = { bytes: new Uint8Array(), length: 0 };

/** The one exchange of a tunnel: method CONNECT, whom it was for, what went through, and no more. */
export function tunnelExchange(
  facts: TunnelFacts,
  times: TunnelTimes,
  end: {
    readonly elapsed: number;
    /** Left out: it never opened. */
    readonly outcome?: TunnelOutcome | undefined;
    /** What the client began with, where it was seen. */
    readonly first?: FirstBytes | undefined;
    /** Of the answer to the CONNECT. */
    readonly status: number;
    readonly reason: string;
    readonly error?: ExchangeError | undefined;
  },
): Exchange {
  const { first, outcome } = end;
  return {
    source: facts.source,
    direction: facts.direction,
    startedAt: times.startedAt,
    latency: { total: end.elapsed - times.started, upstream: times.upstream },
    client: facts.client,
    server: facts.server,
    scheme: first?.kind === 'tls' ? 'https' : first?.kind === 'http' ? 'http' : 'tcp',
    // Both sides agree in words that nobody can read from TLS 1.3 on: this is what the client offered.
    tls:
      first?.kind === 'tls'
        ? {
            version: first.hello.version,
            serverName: first.hello.serverName,
            alpn: first.hello.alpn.length === 0 ? undefined : first.hello.alpn.join(','),
          }
        : undefined,
    isOpaque: true,
    request: {
      method: 'CONNECT',
      target: facts.target,
      host: facts.target,
      rawHeaders: facts.rawHeaders,
      httpVersion: '1.1',
      body: noBody,
    },
    response: {
      status: end.status,
      reason: end.reason,
      rawHeaders: [],
      httpVersion: '1.1',
      body: noBody,
    },
    bytesIn: outcome?.bytesIn ?? 0,
    bytesOut: outcome?.bytesOut ?? 0,
    error: end.error ?? outcome?.error,
    call: facts.call,
  };
}
