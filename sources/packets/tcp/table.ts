import type { Converse, Side, Tally } from '../../shared/wire/conversation.ts';
import { addressText } from '../ip/address.ts';
import type { Datagram } from '../ip/datagram.ts';
import { Connection } from './connection.ts';
import { OldestFirst } from './oldest-first.ts';
import { RecentBytes } from './recent.ts';
import type { Segment } from './segment.ts';

export interface TableBounds {
  /** Connections at a time. */
  readonly connections: number;
  /** Bytes that they hold together. */
  readonly bytes: number;
  /** How long one may be silent, in milliseconds. */
  readonly idle: number;
}

/** How long one that has ended is remembered, so that its late packets begin no other. */
const linger = 5000;

interface Entry {
  readonly connection: Connection;
  readonly side: Side;
}

/** Says who began a connection whose beginning was not seen; undefined: it cannot tell. */
export type GuessSide = (segment: Segment, ports: readonly [number, number]) => Side;

/** All connections, by their addresses and ports. Bounded: the one that was silent longest goes first. */
export class ConnectionTable {
  readonly #entries = new Map<string, Entry>();
  readonly #open = new OldestFirst();
  readonly #closed = new OldestFirst();
  readonly #bounds: TableBounds;
  readonly #tally: Tally;
  readonly #converse: Converse;
  readonly #guess: GuessSide;
  readonly #recent = new RecentBytes();
  #time = 0;

  constructor(bounds: TableBounds, tally: Tally, converse: Converse, guess: GuessSide) {
    this.#bounds = bounds;
    this.#tally = tally;
    this.#converse = converse;
    this.#guess = guess;
  }

  /** How many are under way. */
  get size(): number {
    return this.#open.size;
  }

  /** Takes a segment, and the datagram that it came in. */
  accept(segment: Segment, { bytes, addressesAt, addressLength, start }: Datagram): void {
    // Files that were merged go back in time now and then.
    if (segment.time > this.#time) this.#time = segment.time;
    const key =
      bytes.toString('latin1', addressesAt, addressesAt + 2 * addressLength) +
      bytes.toString('latin1', start, start + 4);
    let entry = this.#entries.get(key);
    if (entry !== undefined && segment.isSyn && this.#isAnother(entry, segment)) {
      this.#forget(entry.connection);
      entry = undefined;
    }
    if (entry === undefined) {
      // A lone confirmation or the end of something says nothing that could be recorded.
      const isWorth = segment.isSyn ? !segment.isReset : segment.end > segment.start;
      if (!isWorth || segment.isReset) {
        this.#sweep();
        return;
      }
      entry = this.#begin(key, segment, { bytes, addressesAt, addressLength, start });
    }
    const { connection, side } = entry;
    connection.lastTime = this.#time;
    if (!connection.isClosed) {
      this.#open.touch(connection);
      if (connection.accept(side, segment) === 'closed') this.#retire(connection);
    } else if (segment.end > segment.start) connection.acceptLate(side, segment);
    this.#sweep();
  }

  /** Ends all that are under way. */
  close(): void {
    for (let oldest = this.#open.oldest; oldest !== undefined; oldest = this.#open.oldest)
      this.#forget(oldest);
  }

  #isAnother({ connection, side }: Entry, { acknowledged, sequence }: Segment): boolean {
    if (connection.isClosed) return true;
    // The server's own SYN belongs to the client's.
    return acknowledged === undefined && !connection.isOpening(side, sequence);
  }

  #begin(
    key: string,
    segment: Segment,
    {
      bytes,
      addressesAt,
      addressLength,
      start,
    }: Pick<Datagram, 'bytes' | 'addressesAt' | 'addressLength' | 'start'>,
  ): Entry {
    const ports = [bytes.readUInt16BE(start), bytes.readUInt16BE(start + 2)] as const;
    const sender = { address: addressText(bytes, addressesAt, addressLength), port: ports[0] };
    const receiver = {
      address: addressText(bytes, addressesAt + addressLength, addressLength),
      port: ports[1],
    };
    const isAnswer = segment.isSyn && segment.acknowledged !== undefined;
    const side: Side = segment.isSyn ? (isAnswer ? 1 : 0) : this.#guess(segment, ports);
    const other =
      bytes.toString('latin1', addressesAt + addressLength, addressesAt + 2 * addressLength) +
      bytes.toString('latin1', addressesAt, addressesAt + addressLength) +
      bytes.toString('latin1', start + 2, start + 4) +
      bytes.toString('latin1', start, start + 2);
    const keys = side === 0 ? ([key, other] as const) : ([other, key] as const);
    const [client, server] = side === 0 ? [sender, receiver] : [receiver, sender];
    const conversation = this.#converse({ client, server, isFromStart: segment.isSyn });
    const connection = new Connection(keys, conversation, this.#tally, this.#recent, this.#time);
    this.#entries.set(keys[0], { connection, side: 0 });
    this.#entries.set(keys[1], { connection, side: 1 });
    this.#open.add(connection);
    return { connection, side };
  }

  #retire(connection: Connection): void {
    this.#open.remove(connection);
    this.#closed.add(connection);
  }

  #forget(connection: Connection): void {
    const wasOpen = !connection.isClosed;
    connection.close('lost', this.#time);
    (wasOpen ? this.#open : this.#closed).remove(connection);
    for (const key of connection.keys) this.#entries.delete(key);
  }

  #sweep(): void {
    const { connections, bytes, idle } = this.#bounds;
    for (let oldest = this.#closed.oldest; oldest !== undefined; oldest = this.#closed.oldest) {
      const isDue = this.#time - oldest.lastTime > linger || this.#closed.size > connections;
      if (!isDue) break;
      this.#forget(oldest);
    }
    for (let oldest = this.#open.oldest; oldest !== undefined; oldest = this.#open.oldest) {
      const isTooMuch = this.#open.size > connections || this.#tally.held > bytes;
      if (isTooMuch) this.#tally.lost.evicted++;
      else if (this.#time - oldest.lastTime > idle) this.#tally.lost.idle++;
      else break;
      this.#forget(oldest);
    }
  }
}
