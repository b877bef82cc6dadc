import { ethernet, type Frame, flags, ip4, ip6, type Peer, tcpSegment } from './frames.testing.ts';

interface Start {
  readonly client?: Peer;
  readonly server?: Peer;
  /** The first numbers of both sides. */
  readonly sequences?: readonly [number, number];
  readonly time?: number;
  readonly segmentSize?: number;
  readonly link?: (ip: Buffer) => Buffer;
}

type From = 'client' | 'server';

/** A TCP connection as its two ends write it: each call adds the frames that a network would have carried. */
export class ScriptedConnection {
  readonly frames: Frame[] = [];
  time: number;
  readonly #peers: Readonly<Record<From, Peer>>;
  readonly #next: Record<From, number>;
  readonly #size: number;
  readonly #link: (ip: Buffer) => Buffer;

  constructor({
    client = { address: '10.0.0.7', port: 50_000 },
    server = { address: '10.0.0.9', port: 80 },
    sequences = [1000, 9000],
    // 2026-12-01T10:00:00Z
    time = 1_796_119_200_000,
    segmentSize = 1448,
    link = ethernet,
  }: Start = {}) {
    this.#peers = { client, server };
    this.#next = { client: sequences[0] >>> 0, server: sequences[1] >>> 0 };
    this.time = time;
    this.#size = segmentSize;
    this.#link = link;
  }

  open(): this {
    this.add('client', flags.syn);
    this.#advance('client', 1);
    this.add('server', flags.syn | flags.ack);
    this.#advance('server', 1);
    return this.add('client', flags.ack);
  }

  /** Says something, in as many segments as it takes, which the other side confirms. */
  say(from: From, what: string | Buffer, { isConfirmed = true } = {}): this {
    const bytes = Buffer.from(what as string, 'latin1');
    for (let at = 0; at < bytes.length; at += this.#size) {
      const part = bytes.subarray(at, at + this.#size);
      this.add(from, flags.push | flags.ack, part);
      this.#advance(from, part.length);
    }
    return isConfirmed ? this.add(other(from), flags.ack) : this;
  }

  finish(from: From): this {
    this.add(from, flags.fin | flags.ack);
    this.#advance(from, 1);
    return this.add(other(from), flags.ack);
  }

  close(): this {
    return this.finish('client').finish('server');
  }

  reset(from: From): this {
    return this.add(from, flags.reset | flags.ack);
  }

  /** Of these bytes everybody knows, but nobody captured them. */
  lose(from: From, length: number): this {
    this.#advance(from, length);
    return this;
  }

  wait(time: number): this {
    this.time += time;
    return this;
  }

  /** One segment where the side is, or `back` bytes before. */
  add(from: From, bits: number, payload?: Buffer, back = 0): this {
    const to = other(from);
    const [sender, receiver] = [this.#peers[from], this.#peers[to]];
    const hasAck = (bits & flags.ack) !== 0;
    const segment = tcpSegment({
      ...{ from: sender, to: receiver, flags: bits, sequence: this.#next[from] - back },
      acknowledged: hasAck ? this.#next[to] : 0,
      ...(payload === undefined ? {} : { payload }),
    });
    const ip = sender.address.includes(':')
      ? ip6(sender.address, receiver.address, segment)
      : ip4({ from: sender.address, to: receiver.address, payload: segment });
    this.frames.push({ bytes: this.#link(ip), time: this.time });
    this.time += 0.1;
    return this;
  }

  #advance(from: From, length: number): void {
    this.#next[from] = (this.#next[from] + length) >>> 0;
  }
}

const other = (from: From): From => (from === 'client' ? 'server' : 'client');
