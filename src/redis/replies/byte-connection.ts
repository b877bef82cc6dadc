import type { OnReadOpts, Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { watchHandshake } from '../connect-handshake.ts';
import { receivingWith } from './receiving-socket.ts';

/** Who takes the bytes. */
export interface ByteEars {
  /** Where the next ones go; asked again after each `onBytes`. Never empty. */
  room(): Uint8Array;
  /** So many are at the beginning of `room`, which is what `room()` gave. */
  onBytes(size: number, room: Uint8Array): void;
  /** Nothing was heard for the time set. */
  onSilence(): void;
  /** Called once, after it was connected. */
  onClose(): void;
}

/** So many bytes of the greeting are read at once. */
const greetingRoom = 4096;

/**
 * A connection beside that of a client, to the same server (or one that Sentinel now names), by the same way: address,
 * TLS, password, database and name are the client's, and so is all that is said until it is ready, because the client
 * library makes the connection. Then its bytes go where the ears want them, straight from the socket, and the library
 * hears nothing more. It is not made again when it is lost.
 */
export class ByteConnection {
  readonly #redis: Redis;
  readonly #ears: ByteEars;
  #isReady = false;
  #silence = 0;

  constructor(client: Redis, ears: ByteEars) {
    this.#ears = ears;
    this.#redis = client.duplicate({
      ...receivingWith(client.options, this.#onread()),
      lazyConnect: true,
      retryStrategy: () => null,
      // With a number it would go on asking the sentinels for ever.
      sentinelRetryStrategy: () => null,
    });
    watchHandshake(this.#redis, { onRefusal: nothing, onNeedlessPassword: nothing });
  }

  /** Once. Gives the milliseconds of a round trip. Rejects with what the server or the way to it says. */
  async connect(): Promise<number> {
    let refusal: unknown;
    let askedAt = 0;
    // Also where the library goes on all the same: with another database than the one that was asked for.
    this.#redis.on('error', (error: unknown) => {
      refusal ??= error;
    });
    try {
      await this.#redis.connect();
      askedAt = performance.now();
      // A user who may not ask this is answered as well.
      await this.#redis.ping().catch(nothing);
      if (refusal !== undefined || this.#redis.stream.destroyed)
        throw new Error('the connection was closed');
    } catch (error) {
      this.close();
      throw refusal ?? error;
    }
    const roundTrip = performance.now() - askedAt;
    this.#isReady = true;
    this.#redis.stream.on('timeout', () => this.#ears.onSilence());
    this.#redis.stream.once('close', () => this.#ears.onClose());
    return roundTrip;
  }

  write(text: string): void {
    this.#redis.stream.write(text);
  }

  /** After so many milliseconds without a byte in either direction `onSilence` is called, once until the next byte. */
  expectWithin(milliseconds: number): void {
    // Whatever is read or written begins the time anew by itself.
    if (milliseconds === this.#silence) return;
    this.#silence = milliseconds;
    this.#redis.stream.setTimeout(milliseconds);
  }

  /** At any time. */
  close(): void {
    this.#redis.disconnect();
    // The library would wait for the server's goodbye. There is none before it has begun to connect.
    const stream = this.#redis.stream as Socket | undefined;
    stream?.destroy();
  }

  #onread(): OnReadOpts {
    const greeting = new Uint8Array(greetingRoom);
    let room: Uint8Array = greeting;
    return {
      buffer: () => {
        room = this.#isReady ? this.#ears.room() : greeting;
        return room;
      },
      callback: (size) => {
        // Copied, for the library's parser may keep it.
        if (!this.#isReady) this.#redis.stream.emit('data', Buffer.from(room.subarray(0, size)));
        else this.#ears.onBytes(size, room);
        return true;
      },
    };
  }
}

const nothing = (): void => undefined;
