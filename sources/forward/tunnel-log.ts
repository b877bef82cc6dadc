import { type Endpoint, type Exchange, type ExchangeError, type Log, shownHostPort } from '#source';
import type { FirstBytes } from '../shared/tunnel/first-bytes.ts';
import type { TunnelOutcome } from '../shared/tunnel/tunnel.ts';
import type { Target } from './access/targets.ts';

/** So many hosts have their own line for each thing; a proxy that the world is reached through sees any number. */
const most = 1_000;

/** Tells people about tunnels: each thing once for a host, and each tunnel where `verbose` asks for it. */
export class TunnelLog {
  readonly #log: Log;
  readonly #isVerbose: boolean;
  readonly #told = new Set<string>();

  constructor(log: Log, isVerbose: boolean) {
    this.#log = log;
    this.#isVerbose = isVerbose;
  }

  ended(end: {
    readonly target: Target;
    readonly client: Endpoint;
    readonly first?: FirstBytes | undefined;
    readonly outcome?: TunnelOutcome | undefined;
    readonly error: ExchangeError | undefined;
    readonly status: number;
  }): void {
    const { target, client, first, outcome, error, status } = end;
    if (first?.kind === 'http')
      this.#once('http', target.host, () =>
        this.#log.info(
          { host: target.host },
          'A client speaks plain HTTP in a tunnel; mitm would see its requests, and so would anybody on the way.',
        ),
      );
    if (!this.#isVerbose) return;
    this.#log.info(
      {
        ...{ client: client.address, target: shownHostPort(target), status },
        ...(first === undefined ? {} : { protocol: first.kind }),
        ...(outcome === undefined ? {} : { bytesIn: outcome.bytesIn, bytesOut: outcome.bytesOut }),
        ...(error === undefined ? {} : { kind: error.kind, reason: error.words }),
      },
      'A tunnel has ended.',
    );
  }

  seen({ request, response, client, latency, error }: Exchange): void {
    if (!this.#isVerbose) return;
    this.#log.info(
      {
        ...{ client: client.address, method: request.method, host: request.host },
        ...{ status: response?.status ?? 0, milliseconds: Math.round(latency.total) },
        ...(error === undefined ? {} : { kind: error.kind, reason: error.words }),
      },
      'A request has ended.',
    );
  }

  handshakeFailed(host: string, client: Endpoint, error: ExchangeError, isDistrust: boolean): void {
    this.#once(isDistrust ? 'distrust' : 'handshake', host, () =>
      isDistrust
        ? this.#log.warn(
            { host, client: client.address, reason: error.words },
            'A client does not trust the authority of this proxy; have it trust it, or name the host in passthrough.',
          )
        : this.#log.warn(
            { host, client: client.address, reason: error.words },
            'A TLS handshake with a client failed.',
          ),
    );
  }

  unused(host: string, client: Endpoint, words: string): void {
    this.#once('unused', host, () =>
      this.#log.info(
        { host, client: client.address, reason: words },
        'A client went without a request; it may not trust the authority of this proxy, or have connected ahead.',
      ),
    );
  }

  #once(what: string, host: string, tell: () => void): void {
    const key = `${what} ${host}`;
    if (this.#told.has(key) || this.#told.size >= most) return;
    this.#told.add(key);
    tell();
  }
}
