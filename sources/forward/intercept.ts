import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, type Endpoint, type ExchangeError, explain } from '#source';
import { canonicalHost } from '../shared/lists/hosts.ts';
import type { ConnectionFacts } from '../shared/relay/connection-facts.ts';
import type { FirstBytes } from '../shared/tunnel/first-bytes.ts';
import type { Target } from './access/targets.ts';
import type { Leaves } from './certificates/leaves.ts';
import type { Meter } from './metrics/meter.ts';
import type { Interception, Settings } from './settings.ts';
import type { TunnelLog } from './tunnel-log.ts';

interface Parts {
  readonly interception: Interception;
  readonly leaves: Leaves;
  readonly settings: Pick<Settings, 'handshakeTimeout'>;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: TunnelLog;
  /** Where decrypted connections go. */
  readonly accept: (socket: Socket, facts: ConnectionFacts) => void;
}

interface Asked {
  readonly socket: Socket;
  readonly target: Target;
  readonly head: { readonly client: Endpoint };
}

/** Looks into tunnels: decrypts what has TLS, as the host that the client asked for, and hands it on. */
export class Intercept {
  readonly #parts: Parts;
  readonly #used = new WeakSet<ConnectionFacts>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A request has come on this connection. */
  used(facts: ConnectionFacts): void {
    this.#used.add(facts);
  }

  includes(host: string): boolean {
    return this.#parts.interception.includes(host);
  }

  /**
   * `taken`: the relay has the connection. `not-mine`: it is to pass as it is, being no HTTP, or for a host that passes. An
   * error: nothing can become of it.
   */
  async take(
    { socket, target, head }: Asked,
    first: FirstBytes,
  ): Promise<'taken' | 'not-mine' | ExchangeError> {
    const facts = { client: head.client, authority: target };
    if (first.kind === 'http' || first.kind === 'http2') {
      this.#parts.accept(socket, facts);
      // It has been paused for its first bytes to be looked at.
      socket.resume();
      return 'taken';
    }
    if (first.kind === 'nothing')
      return { kind: 'aborted', words: 'the client left before it said anything in the tunnel' };
    if (first.kind !== 'tls') return 'not-mine';
    // A client that knows an address alone asks for no name; it expects the certificate of what it asked the proxy for.
    const host = canonicalHost(first.hello.serverName ?? target.host) ?? target.host;
    if (!this.includes(host)) return 'not-mine';
    return this.#decrypt({ socket, target, head }, host, facts);
  }

  async #decrypt(
    { socket, head }: Asked,
    host: string,
    facts: ConnectionFacts,
  ): Promise<'taken' | ExchangeError> {
    const { leaves, settings, clock, meter, log, accept } = this.#parts;
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext: leaves.contextFor(host),
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    const callOff = clock.after(settings.handshakeTimeout, () =>
      secure.destroy(new Error('the handshake took too long')),
    );
    const failure = await shaken(secure, socket);
    callOff();
    if (failure === undefined) {
      accept(secure, facts);
      secure.on('close', () => {
        if (!this.#used.has(facts)) this.#unused(host, head.client);
      });
      return 'taken';
    }
    const { isDistrust, words } = failure;
    const error = { kind: 'tls', words };
    meter.handshakeFailed(host, isDistrust ? 'distrust' : 'handshake');
    log.handshakeFailed(host, head.client, error, isDistrust);
    secure.destroy();
    return error;
  }

  /** With TLS 1.2, Node.js looks at a certificate when the handshake is over, and goes without a word. */
  #unused(host: string, client: Endpoint): void {
    const words = 'the client closed the connection behind the handshake, without a request';
    this.#parts.meter.handshakeFailed(host, 'unused');
    this.#parts.log.unused(host, client, words);
  }
}

/** How a handshake failed; undefined: it did not. */
function shaken(
  secure: TLSSocket,
  socket: Socket,
): Promise<{ readonly isDistrust: boolean; readonly words: string } | undefined> {
  return new Promise((resolve) => {
    secure.on('secure', () => {
      // As tls.Server does it for its own: Node's HTTP/2 waits for what still connects.
      Object.assign(secure, { secureConnecting: false });
      resolve(undefined);
    });
    secure.on('error', (error: Error) => resolve(wordsOf(error)));
    const gone = (): void =>
      resolve({
        // Those that pin a certificate often do not even say so.
        isDistrust: true,
        words:
          'the client closed the connection in the handshake, as those do that trust another certificate',
      });
    secure.on('close', gone);
    secure.on('end', gone);
    socket.on('close', gone);
  });
}

/** Alerts that clients send who do not like a certificate (RFC 8446, 6.2). */
const distrust =
  /UNKNOWN_CA|CERTIFICATE_UNKNOWN|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED/;

function wordsOf(error: Error): { readonly isDistrust: boolean; readonly words: string } {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (distrust.test(code.toUpperCase()))
    return {
      isDistrust: true,
      words: `the client does not trust the certificate of this proxy (${code})`,
    };
  if (code === 'ECONNRESET')
    return {
      isDistrust: true,
      words:
        'the client broke the connection in the handshake, as those do that trust another certificate',
    };
  return {
    isDistrust: false,
    words: `the TLS handshake failed: ${code === '' ? explain(error) : code}`,
  };
}
