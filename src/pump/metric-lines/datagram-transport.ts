import { lookup } from 'node:dns/promises';
import { type ClientOptions, StatsD } from 'hot-shots';
import type { Clock } from '../../lib/clock.ts';
import { explain, StartError } from '../../lib/errors.ts';
import { millis } from '../../lib/units.ts';
import { classify } from '../classify.ts';
import type { Health } from '../sink.ts';
import type { Failure } from '../verdict.ts';
import type { LineTransport } from './line-transport.ts';
import type { Packet } from './packets.ts';
import type { LineTarget } from './target.ts';

type DatagramTarget = Exclude<LineTarget, { readonly protocol: 'tcp' }>;
type UnixTarget = Extract<LineTarget, { readonly protocol: 'unix' }>;

/** What is used of a hot-shots client: its socket, which takes our own lines as they are. */
interface DatagramSocket {
  send(bytes: Buffer, done: (error?: Error | null) => void): void;
  close(): void;
  on(event: 'writable', listener: () => void): void;
  removeListener(event: 'writable', listener: () => void): void;
}

/** No buffer, no timer, no retry, no telemetry, no tags: the courier does the first three, the line has the rest. */
const plain: ClientOptions = {
  maxBufferSize: 0,
  includeDatadogTelemetry: false,
  includeDataDogTags: false,
  datadog: false,
  tcpGracefulErrorHandling: false,
  udsGracefulErrorHandling: false,
  udsRetryOptions: { retries: 0 },
};

export async function openDatagramTransport(
  target: DatagramTarget,
  clock: Clock,
): Promise<LineTransport> {
  if (target.protocol === 'udp') {
    const { host, port } = target;
    const udpSocketOptions = { type: await socketType(host) };
    // A name is resolved once a minute, not for each datagram.
    const options: ClientOptions = { host, port, udpSocketOptions, cacheDns: true };
    return new UdpTransport(openSocket({ ...options, protocol: 'udp' }), clock);
  }
  await needUnixDatagrams();
  return new UnixTransport(target);
}

/** A socket is of one family: that of the address a name has now. */
async function socketType(host: string): Promise<'udp4' | 'udp6'> {
  try {
    return (await lookup(host)).family === 6 ? 'udp6' : 'udp4';
  } catch {
    return 'udp4';
  }
}

/** hot-shots needs a native module for these sockets, which npm leaves out where it cannot be compiled. */
async function needUnixDatagrams(): Promise<void> {
  const name = 'unix-dgram';
  try {
    await import(name);
  } catch (error) {
    throw new StartError(
      'Unix sockets need the native module unix-dgram: `npm install unix-dgram` (with a C++ compiler and Python), or use udp:// or tcp://',
      error,
    );
  }
}

/** Throws what hot-shots would only report. */
function openSocket(options: ClientOptions): DatagramSocket {
  const errors: Error[] = [];
  const client = new StatsD({ ...plain, ...options, errorHandler: (error) => errors.push(error) });
  const socket = client.socket as unknown as DatagramSocket | null;
  if (socket === null) throw errors[0] ?? new Error('hot-shots opened no socket');
  return socket;
}

class UdpTransport implements LineTransport {
  readonly #socket: DatagramSocket;
  readonly #clock: Clock;
  #isClosed = false;

  constructor(socket: DatagramSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  send(packets: readonly Packet[], signal: AbortSignal): Promise<readonly (Failure | undefined)[]> {
    return sendInTurns(packets, { socket: this.#socket, clock: this.#clock }, signal);
  }

  check(): Promise<Health> {
    return Promise.resolve({
      state: 'unknown',
      reason: 'UDP does not tell whether anyone listens',
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}

/** A connected socket: gone with its daemon, so it is opened again after a failure. */
class UnixTransport implements LineTransport {
  readonly #target: UnixTarget;
  #socket: DatagramSocket | undefined;

  constructor(target: UnixTarget) {
    this.#target = target;
  }

  async send(
    packets: readonly Packet[],
    signal: AbortSignal,
  ): Promise<readonly (Failure | undefined)[]> {
    try {
      this.#socket ??= this.#open();
    } catch (error) {
      return packets.map(() => failureOf(error));
    }
    const failures = await sendWithRoom(packets, this.#socket, signal);
    if (failures.some((failure) => failure?.kind === 'unreachable')) this.close();
    return failures;
  }

  check(): Promise<Health> {
    try {
      this.#open().close();
      return Promise.resolve({ state: 'up' });
    } catch (error) {
      return Promise.resolve({ state: 'down', reason: failureOf(error).message });
    }
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #open(): DatagramSocket {
    return openSocket({ path: this.#target.path, protocol: 'uds' });
  }
}

/**
 * Packets under way at once, and the pause between two such lots. UDP holds nobody back: what does not fit into the
 * daemon's socket, some hundred packets as Linux comes, is lost. So the daemon gets a turn in between.
 */
const atOnce = 16;
const pause = millis(1);

async function sendInTurns(
  packets: readonly Packet[],
  { socket, clock }: { readonly socket: DatagramSocket; readonly clock: Clock },
  signal: AbortSignal,
): Promise<readonly (Failure | undefined)[]> {
  const outcomes: (Failure | undefined)[] = [];
  for (let from = 0; from < packets.length; from += atOnce) {
    const some = packets.slice(from, from + atOnce);
    outcomes.push(
      ...(signal.aborted
        ? some.map(() => aborted)
        : await Promise.all(some.map((packet) => sendOne(packet, socket)))),
    );
    if (!signal.aborted) await clock.sleep(pause, signal).catch(() => undefined);
  }
  return outcomes;
}

/**
 * A Unix socket has room for few datagrams (ten, as Linux comes) and says when it has again: the daemon sets the pace,
 * and nothing is lost. Waiting blocks nobody else, and ends with the signal.
 */
async function sendWithRoom(
  packets: readonly Packet[],
  socket: DatagramSocket,
  signal: AbortSignal,
): Promise<readonly (Failure | undefined)[]> {
  const outcomes: (Failure | undefined)[] = [];
  for (const packet of packets) {
    let failure = signal.aborted ? aborted : await sendOne(packet, socket);
    while (failure?.kind === 'throttled' && (await hasRoom(socket, signal)))
      failure = await sendOne(packet, socket);
    outcomes.push(failure);
  }
  return outcomes;
}

/** True once the socket takes datagrams again; false when the signal aborts first. */
function hasRoom(socket: DatagramSocket, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (): void => {
      socket.removeListener('writable', end);
      signal.removeEventListener('abort', end);
      resolve(!signal.aborted);
    };
    socket.on('writable', end);
    signal.addEventListener('abort', end, { once: true });
  });
}

const aborted: Failure = { kind: 'timeout', message: 'aborted before it was sent' };

function sendOne({ bytes }: Packet, socket: DatagramSocket): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const done = (error?: Error | null): void =>
      resolve(error === undefined || error === null ? undefined : failureOf(error));
    try {
      socket.send(bytes, done);
    } catch (error) {
      resolve(failureOf(error));
    }
  });
}

/** unix-dgram gives negative numbers of Linux's errors as codes, and 1 for a socket whose buffer is full. */
const unixErrors: ReadonlyMap<unknown, Pick<Failure, 'kind' | 'message'>> = new Map([
  [1, { kind: 'throttled', message: 'the socket is full: the daemon reads too slowly' }],
  [-11, { kind: 'throttled', message: 'the socket is full: the daemon reads too slowly' }],
  [-105, { kind: 'throttled', message: 'the system has no room for more datagrams' }],
  [-90, { kind: 'oversize', message: 'the datagram is too long for the socket' }],
  [-2, { kind: 'unreachable', message: 'there is no such socket' }],
  [-111, { kind: 'unreachable', message: 'nobody listens at the socket' }],
  [-104, { kind: 'unreachable', message: 'the daemon went away' }],
  [-107, { kind: 'unreachable', message: 'the socket is not connected' }],
  [-13, { kind: 'unauthorised', message: 'no permission for the socket' }],
]);

function failureOf(error: unknown): Failure {
  const { code } = error as { readonly code?: unknown };
  if (code === 'EMSGSIZE')
    return { kind: 'oversize', message: 'the datagram is too long', cause: error };
  const known = unixErrors.get(code);
  if (known !== undefined) return { ...known, cause: error };
  const verdict = classify(error);
  return verdict.outcome === 'delivered'
    ? { kind: 'unexpected', message: explain(error) }
    : verdict.failure;
}
