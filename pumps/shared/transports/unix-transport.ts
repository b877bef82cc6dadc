import { type ClientOptions, StatsD } from 'hot-shots';
import { type Failure, type Health, loadNative, unlessAborted } from '#pump';
import { failureOf, late, type Outcomes, type Transport } from './transport.ts';

/** What is used of a hot-shots client: its socket, which takes our own messages as they are. */
interface DatagramSocket {
  send(bytes: Buffer, done: (error?: Error | null) => void): void;
  close(): void;
  on(event: 'writable', listener: () => void): void;
  removeListener(event: 'writable', listener: () => void): void;
}

/** No buffer, no timer, no retry, no telemetry, no tags: the courier does the first three, the line has the rest. */
const plain: ClientOptions = {
  protocol: 'uds',
  maxBufferSize: 0,
  includeDatadogTelemetry: false,
  includeDataDogTags: false,
  datadog: false,
  udsGracefulErrorHandling: false,
  udsRetryOptions: { retries: 0 },
};

/** Connects to nothing yet. Throws where this machine has no such sockets. */
export async function openUnixTransport(path: string): Promise<Transport> {
  await needUnixDatagrams();
  return new UnixTransport(path);
}

/** hot-shots needs a native package for these sockets, which npm compiles; not everybody lets it, or can. */
function needUnixDatagrams(): Promise<unknown> {
  const name = 'unix-dgram';
  return loadNative(
    () => import(name),
    'Unix sockets need the native package unix-dgram, which is not compiled here: `npm rebuild unix-dgram`, or `npm install unix-dgram` where it is not there at all, with a C++ compiler and Python; or use udp:// or tcp://.',
  );
}

/**
 * Datagrams to a Unix socket. It has room for few (ten, as Linux comes) and says when it has again: the receiver sets the
 * pace, and nothing is lost. It is connected, so gone with its receiver, and is opened again after a failure.
 */
class UnixTransport implements Transport {
  readonly #path: string;
  #socket: DatagramSocket | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async send(messages: readonly Buffer[], signal: AbortSignal): Promise<Outcomes> {
    const outcomes: (Failure | undefined)[] = [];
    try {
      this.#socket ??= this.#open();
      for (const message of messages)
        outcomes.push(signal.aborted ? late : await sendOne(message, this.#socket, signal));
    } catch (error) {
      return messages.map(() => unixFailureOf(error));
    }
    if (outcomes.some((failure) => failure?.kind === 'unreachable')) await this.close();
    return outcomes;
  }

  check(): Promise<Health> {
    try {
      this.#open().close();
      return Promise.resolve({ state: 'up' });
    } catch (error) {
      return Promise.resolve({ state: 'down', reason: unixFailureOf(error).message });
    }
  }

  close(): Promise<void> {
    this.#socket?.close();
    this.#socket = undefined;
    return Promise.resolve();
  }

  /** Throws what hot-shots would only report. */
  #open(): DatagramSocket {
    const errors: Error[] = [];
    const client = new StatsD({
      ...plain,
      path: this.#path,
      errorHandler: (error) => errors.push(error),
    });
    const socket = client.socket as unknown as DatagramSocket | null;
    if (socket === null) throw errors[0] ?? new Error('hot-shots opened no socket');
    return socket;
  }
}

/** Waits for room, which blocks nobody else and ends with the signal. */
async function sendOne(
  message: Buffer,
  socket: DatagramSocket,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  for (;;) {
    const failure = await handOver(message, socket);
    if (failure?.kind !== 'throttled' || !(await hasRoom(socket, signal))) return failure;
  }
}

/** True once the socket takes datagrams again; false when the signal aborts first. */
async function hasRoom(socket: DatagramSocket, signal: AbortSignal): Promise<boolean> {
  let listener = (): void => undefined;
  const room = new Promise<true>((resolve) => {
    listener = () => resolve(true);
    socket.on('writable', listener);
  });
  try {
    return await unlessAborted(room, false, signal);
  } finally {
    socket.removeListener('writable', listener);
  }
}

function handOver(message: Buffer, socket: DatagramSocket): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const done = (error?: Error | null): void =>
      resolve(error === undefined || error === null ? undefined : unixFailureOf(error));
    try {
      socket.send(message, done);
    } catch (error) {
      resolve(unixFailureOf(error));
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

function unixFailureOf(error: unknown): Failure {
  const known = unixErrors.get((error as { readonly code?: unknown }).code);
  return known === undefined ? failureOf(error) : { ...known, cause: error };
}
