/*
 * A port: plain, or with TLS. Whoever speaks the wrong one of the two is told so, in a way that its user can read: a client
 * that speaks HTTP to a port with TLS gets an answer in plain HTTP, one that speaks TLS to a plain port is the relay's,
 * which reads first bytes anyway.
 *
 * Several processes may listen at one port: as workers of Node's cluster, whose primary holds it. Node 20 cannot set
 * SO_REUSEPORT.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import {
  type Clock,
  explain,
  type Metrics,
  millis,
  StartError,
  shownHostPort,
  tlsWords,
} from '#source';
import { answerBytes } from '../relay/answer.ts';
import { adopt } from '../sockets/shared-reads.ts';
import type { Listener, ListenerOptions, ListenerTls } from './listener.ts';
import { isTlsHandshake, peek } from './peek.ts';
import { QuietLog } from './quiet-log.ts';
import { readTlsContexts, type TlsContexts } from './tls-contexts.ts';

/** To the first byte, and from there to the end of the handshake. */
const handshakeTime = millis(10_000);
/** What the kernel accepts for us while we are busy; it has a bound of its own (`net.core.somaxconn`). */
const backlog = 4096;

/** Rejects with a `StartError` where the address cannot be had, or a certificate is wrong. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const { tls, listen, onSocket } = options;
  const contexts = tls === undefined ? undefined : await readTlsContexts(tls);
  const secured =
    tls === undefined || contexts === undefined ? undefined : new Secured(tls, contexts, options);
  // In a handshake nobody is there to notice that the client has ended: then it must end by itself.
  const isPlain = secured === undefined;
  const terms = { allowHalfOpen: isPlain, pauseOnConnect: isPlain };
  const server = createServer(terms, (accepted) => {
    const socket = isPlain ? adopt(accepted) : accepted;
    // Whoever takes it listens for itself; until then nobody does.
    socket.on('error', ignore);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    if (secured === undefined) onSocket(socket);
    else secured.take(socket);
  });
  await open(server, listen);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : listen.port;
  const scheme = tls === undefined ? 'http' : 'https';
  return {
    address: `${scheme}://${shownHostPort({ host: listen.host === '' ? '0.0.0.0' : listen.host, port })}`,
    port,
    async reload() {
      if (tls !== undefined) secured?.use(await readTlsContexts(tls));
    },
    stop: () =>
      new Promise((resolve) => {
        // The connections that were taken are not waited for.
        server.close();
        secured?.stop();
        resolve();
      }),
  };
}

/** Makes TLS of connections, and says to whoever speaks plain HTTP what is wrong. */
class Secured {
  readonly #server: TlsServer;
  readonly #clock: Clock;
  readonly #log: QuietLog;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #refused: (reason: string) => void;
  readonly #turnedAway: ListenerOptions['turnedAway'];
  /** In the middle of a handshake: those that a stop must close. */
  readonly #unfinished = new Set<Socket>();
  #contexts: TlsContexts;

  constructor(tls: ListenerTls, contexts: TlsContexts, options: ListenerOptions) {
    const { log, clock, metrics, source, listen } = options;
    this.#contexts = contexts;
    this.#clock = clock;
    this.#log = new QuietLog(log, clock);
    this.#turnedAway = options.turnedAway;
    this.#fields = { listen: shownHostPort(listen) };
    this.#refused = refusals(metrics, source, options.direction);
    this.#server = createTlsServer({
      ...contexts.first,
      ...{ handshakeTimeout: handshakeTime, minVersion: tls.minVersion ?? 'TLSv1.2' },
      ALPNProtocols: options.http2 === false ? ['http/1.1'] : ['h2', 'http/1.1'],
      requestCert: tls.clientCaFile !== undefined,
      rejectUnauthorized: tls.clientCaFile !== undefined,
      SNICallback: (name, done) => done(null, this.#contexts.contextFor(name)),
    });
    this.#server.on('secureConnection', (socket) => {
      socket.allowHalfOpen = true;
      options.onSocket(socket);
    });
    this.#server.on('tlsClientError', (error, socket) =>
      this.#onError(error, socket.remoteAddress),
    );
  }

  use(contexts: TlsContexts): void {
    this.#contexts = contexts;
    this.#server.setSecureContext(contexts.first);
  }

  take(socket: Socket): void {
    this.#unfinished.add(socket);
    socket.once('close', () => this.#unfinished.delete(socket));
    const silent = (): void => {
      this.#refused('silent');
      socket.destroy();
    };
    peek(socket, { clock: this.#clock, time: handshakeTime, silent }, (first) => {
      this.#unfinished.delete(socket);
      if (isTlsHandshake(first)) this.#server.emit('connection', socket);
      else this.#refusePlain(socket);
    });
  }

  stop(): void {
    for (const socket of this.#unfinished) socket.destroy();
  }

  #refusePlain(socket: Socket): void {
    this.#refused('plain_on_tls_port');
    this.#turnedAway?.('plain-on-tls-port');
    this.#log.warn(
      { ...this.#fields, client: socket.remoteAddress },
      'A client speaks without TLS to a port with TLS; its address should begin with https://',
    );
    socket.end(
      answerBytes(
        400,
        'This port speaks HTTPS, and the request came in plain HTTP. Use https:// in the address.',
      ),
    );
    socket.resume();
    const callOff = this.#clock.after(millis(2000), () => socket.destroy());
    socket.once('close', callOff);
  }

  #onError(error: Error, client: string | undefined): void {
    this.#refused('tls_handshake');
    this.#log.warn(
      { ...this.#fields, client, reason: clientWords(error) },
      'A TLS handshake with a client failed',
    );
  }
}

/** Seen from the server: the words for an upstream would blame the wrong side. */
function clientWords(error: NodeJS.ErrnoException): string {
  const { code = '' } = error;
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNKNOWN_CERTIFICATE)/.test(code))
    return 'the client does not trust the certificate of this port';
  if (/PEER_DID_NOT_RETURN_A_CERTIFICATE/.test(code)) return 'the client showed no certificate';
  if (code === 'ECONNRESET') return 'the client closed the connection in the handshake';
  return tlsWords(error) ?? explain(error);
}

const refusals = (
  metrics: Metrics,
  source: string,
  direction: string,
): ((reason: string) => void) => {
  const refused = metrics.counter({
    name: 'sluice_capture_refused_total',
    help: 'Requests and connections that were refused before anybody was asked, by reason.',
    labels: ['source', 'direction', 'reason'],
  });
  return (reason) => refused.add(1, { source, direction, reason });
};

const open = (server: Server, { host, port }: ListenerOptions['listen']): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const place = shownHostPort({ host, port });
      const why =
        error.code === 'EADDRINUSE'
          ? 'another process listens there'
          : error.code === 'EACCES'
            ? 'ports below 1024 need a privilege (CAP_NET_BIND_SERVICE)'
            : explain(error);
      reject(new StartError(`Cannot listen at ${place}: ${why}`, error));
    });
    server.listen({ ...(host === '' ? {} : { host }), port, backlog }, resolve);
  });

const ignore = (): void => undefined;
