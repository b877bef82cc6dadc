import type { Socket } from 'node:net';
import { type Clock, isTlsAlert, millis, untilAborted } from '#pump';
import { expectNoError, type KafkaError, refusal, unreachable } from './kafka-error.ts';
import { logIn } from './login.ts';
import type { Login } from './settings.ts';
import { type Sockets, type SocketTarget, timedOut } from './sockets.ts';
import { apiVersions, type Request } from './wire/requests.ts';
import { WireReader } from './wire/wire-reader.ts';
import { WireWriter } from './wire/wire-writer.ts';

export interface ConnectionParts extends SocketTarget {
  readonly sockets: Sockets;
  readonly clientId: string;
  readonly login: Login | undefined;
  readonly clock: Clock;
}

export interface SendOptions {
  /** Of the request. */
  readonly mostVersion?: number | undefined;
  /** Ends the waiting for an answer. */
  readonly signal?: AbortSignal | undefined;
}

/** Somebody waits for the next answer. */
interface Waiting {
  readonly what: string;
  /** Of the request; undefined: the answer is a bare token. */
  readonly number: number | undefined;
  readonly take: (answer: Buffer) => void;
  readonly fail: (error: KafkaError) => void;
}

/** No answer of a broker to these requests is near as large; what is larger comes from no Kafka broker. */
const largestAnswer = 16 * 1024 ** 2;
const unsupportedVersion = 35;
const wantsTls = 'speaks TLS: set use_ssl';

/**
 * A connection to one broker, logged in. A broker answers in the order of the requests. After anything unexpected the
 * connection is gone, and with it everything that was waiting.
 */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #versions: ReadonlyMap<number, readonly [number, number]> = new Map();
  /** What has come and is not a whole answer yet; put together once it is one. */
  #pending: Buffer[] = [];
  #pendingSize = 0;
  #wantedSize = 4;
  #nextNumber = 0;
  #gone: KafkaError | undefined;
  #isRetired = false;
  /** By the clock's monotonic time; the broker wants a new login then. */
  #loginEnds = Number.POSITIVE_INFINITY;

  /** Until then the broker does not read what is sent. */
  #quietUntil = 0;

  private constructor(parts: ConnectionParts, socket: Socket) {
    this.#parts = parts;
    this.#socket = socket;
    const { address } = parts;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('timeout', () => {
      const [first] = this.#waiting;
      if (first !== undefined) this.#end(timedOut(address, first.what));
    });
    socket.on('error', (cause) =>
      this.#end(unreachable(`lost the connection to ${address}`, cause)),
    );
    const closed = (): void => {
      const { tls } = parts;
      const isMute = this.#nextNumber <= 1 && this.#versions.size === 0 && tls === undefined;
      const hint = isMute ? ' without a word, as one does that wants TLS (use_ssl)' : '';
      this.#end(unreachable(`${address} closed the connection${hint}`));
    };
    socket.on('close', closed);
    if (socket.destroyed) closed();
  }

  /** Throws a KafkaError. */
  static async open(parts: ConnectionParts): Promise<Connection> {
    const connection = new Connection(parts, await parts.sockets.connect(parts));
    try {
      await connection.#greet();
    } catch (error) {
      connection.retire();
      throw error;
    }
    return connection;
  }

  async #greet(): Promise<void> {
    const { address, login, clock } = this.#parts;
    const { code, versions } = await this.send(apiVersions);
    expectNoError(code, `${apiVersions.name} of ${address}`);
    this.#versions = versions;
    if (login === undefined) return;
    const lifetime = await logIn(this, login, address);
    // Ahead of the broker, which closes the connection of whoever comes too late.
    if (lifetime > 0) this.#loginEnds = clock.elapsed() + lifetime * 0.8;
  }

  /** It is there, answers, and its login is good for a while. */
  get isUsable(): boolean {
    const isThere = this.#gone === undefined && !this.#isRetired;
    return isThere && this.#parts.clock.elapsed() < this.#loginEnds;
  }

  /** The broker wants to hear nothing for that long (milliseconds). It would not read, and our patience would run out. */
  keepQuiet(duration: number): void {
    if (duration > 0) this.#quietUntil = this.#parts.clock.elapsed() + duration;
  }

  /** Resolves when it may be spoken to. */
  async quiet(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const rest = this.#quietUntil - clock.elapsed();
    if (rest > 0) await clock.sleep(millis(rest), signal);
  }

  knows(key: number): boolean {
    return this.#versions.has(key);
  }

  /**
   * The answer. Throws a KafkaError where there is none; the broker's codes are left to the caller. Throws what the signal
   * aborts with: nobody asks this connection any more, for it answers too late or not at all.
   */
  async send<T>(request: Request<T>, { mostVersion, signal }: SendOptions = {}): Promise<T> {
    const answer = this.#send(request, mostVersion);
    if (signal === undefined) return answer;
    try {
      return await untilAborted(answer, signal);
    } catch (error) {
      if (signal.aborted) this.retire();
      throw error;
    }
  }

  #send<T>(request: Request<T>, mostVersion = Number.POSITIVE_INFINITY): Promise<T> {
    const { name, key, ending } = request;
    const version = this.#versionFor(request, mostVersion);
    if (version === undefined)
      return Promise.reject(refusal(unsupportedVersion, `${name} of ${this.#parts.address}`));
    const number = this.#nextNumber;
    this.#nextNumber = (number + 1) & 0x7fffffff;
    const out = new WireWriter().int16(key).int16(version).int32(number);
    request.write(out.string(this.#parts.clientId), version);
    const frame = out.frame(ending?.length ?? 0);
    return this.#exchange(name, number, [frame, ending], (answer) => request.read(answer, version));
  }

  /** A bare token and the one it is answered with: the login of brokers before 1.0. */
  sendToken(token: Buffer): Promise<Buffer> {
    const size = Buffer.allocUnsafe(4);
    size.writeInt32BE(token.length);
    return this.#exchange('a login', undefined, [size, token], (answer) => answer.rest());
  }

  #versionFor<T>({ key, versions }: Request<T>, mostVersion: number): number | undefined {
    if (key === apiVersions.key) return 0;
    const known = this.#versions.get(key);
    if (known === undefined) return undefined;
    const version = Math.min(versions[1], known[1], mostVersion);
    return version < Math.max(versions[0], known[0]) ? undefined : version;
  }

  #exchange<T>(
    what: string,
    number: number | undefined,
    parts: readonly (Uint8Array | undefined)[],
    read: (answer: WireReader) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== undefined) {
        reject(this.#gone);
        return;
      }
      const take = (answer: Buffer): void => {
        try {
          resolve(read(new WireReader(answer)));
        } catch (cause) {
          const { address } = this.#parts;
          const error = unreachable(`no sense in what ${address} answered to ${what}`, cause);
          reject(error);
          this.#end(error);
        }
      };
      this.#waiting.push({ what, number, take, fail: reject });
      this.#socket.cork();
      for (const part of parts) if (part !== undefined) this.#socket.write(part);
      this.#socket.uncork();
    });
  }

  #receive(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingSize += chunk.length;
    if (this.#pendingSize < this.#wantedSize) return;
    let bytes = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    this.#wantedSize = 4;
    while (this.#gone === undefined && bytes.length >= 4) {
      const size = bytes.readInt32BE(0);
      if (size < 0 || size > largestAnswer) {
        this.#end(
          unreachable(
            `${this.#parts.address} ${isTlsAlert(bytes) ? wantsTls : 'is no Kafka broker'}`,
          ),
        );
        return;
      }
      this.#wantedSize = 4 + size;
      if (bytes.length < this.#wantedSize) break;
      const answer = bytes.subarray(4, this.#wantedSize);
      bytes = bytes.subarray(this.#wantedSize);
      this.#wantedSize = 4;
      this.#answer(answer);
    }
    this.#pending = [bytes];
    this.#pendingSize = bytes.length;
  }

  #answer(answer: Buffer): void {
    const first = this.#waiting.shift();
    const isToken = first !== undefined && first.number === undefined;
    if (first === undefined || !(isToken || isAnswerTo(first.number, answer))) {
      const error = unreachable(`${this.#parts.address} answered what it was not asked`);
      first?.fail(error);
      this.#end(error);
      return;
    }
    first.take(isToken ? answer : answer.subarray(4));
    if (this.#isRetired && this.#waiting.length === 0) this.#socket.destroy();
  }

  /** Ends it once everything under way has been answered. */
  retire(): void {
    this.#isRetired = true;
    if (this.#waiting.length === 0) this.#socket.destroy();
  }

  #end(error: KafkaError): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    this.#pending = [];
    this.#socket.destroy();
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }
}

const isAnswerTo = (number: number | undefined, answer: Buffer): boolean =>
  answer.length >= 4 && answer.readInt32BE(0) === number;
