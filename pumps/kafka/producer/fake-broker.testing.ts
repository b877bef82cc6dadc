import { createServer, type Socket } from 'node:net';
import { LocalServer } from '#pump/testing';
import { Reader, readMessages, type StoredMessage, Writer } from './wire/wire.testing.ts';

const api = { produce: 0, metadata: 3, handshake: 17, versions: 18, initProducer: 22, login: 36 };

/** The broker's codes, as it sends them. */
export const codes = {
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  NOT_LEADER_FOR_PARTITION: 6,
  REQUEST_TIMED_OUT: 7,
  MESSAGE_TOO_LARGE: 10,
  NOT_ENOUGH_REPLICAS: 19,
  TOPIC_AUTHORIZATION_FAILED: 29,
  CLUSTER_AUTHORIZATION_FAILED: 31,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  UNKNOWN_PRODUCER_ID: 59,
  INVALID_RECORD: 87,
} as const;

export interface FakeBrokerOptions {
  readonly partitions?: number;
  readonly password?: string;
  /** Before 1.0: a login is bare tokens. */
  readonly isOld?: boolean;
}

/**
 * Speaks what a producer needs, and keeps what it is given: of what has a number, every batch once and in its place, as a
 * broker does. One node, one topic of any name.
 */
export class FakeBroker {
  readonly messages: StoredMessage[] = [];
  /** Answers to come for metadata, produce and producer numbers; 0 or none: all is well. */
  readonly metadataCodes: number[] = [];
  readonly initCodes: number[] = [];
  /** By partition. */
  readonly produceCodes = new Map<number, number[]>();
  /** Waits to ask for, in milliseconds, one for each answer to produce. */
  readonly throttles: number[] = [];
  /** Answers to what was stored that do not get through; each takes its connection with it. */
  answersToLose = 0;
  /** Batches that were stored before. */
  repeats = 0;
  /** Partitions without a leader. */
  readonly leaderless = new Set<number>();
  /** Where it says it is, if that is elsewhere. */
  advertisedPort: number | undefined;
  metadataRequests = 0;
  /** What is answered to everything, as something else than a broker would. */
  nonsense: Buffer | undefined;
  /** Connections there have been. */
  connections = 0;
  /** Producer numbers given out. */
  producers = 0;
  readonly #partitions: number;
  readonly #password: string | undefined;
  readonly #isOld: boolean;
  readonly #local = new LocalServer(() =>
    createServer((socket) => {
      this.connections += 1;
      this.#serve(socket);
    }),
  );
  #isStalled = false;
  /** The next sequence, by producer and partition. */
  readonly #next = new Map<string, number>();

  constructor({ partitions = 3, password, isOld = false }: FakeBrokerOptions = {}) {
    this.#partitions = partitions;
    this.#password = password;
    this.#isOld = isOld;
  }

  get address(): string {
    return `127.0.0.1:${this.#local.port}`;
  }

  listen(): Promise<void> {
    this.#isStalled = false;
    return this.#local.listen();
  }

  close(): Promise<void> {
    return this.#local.close();
  }

  stall(): Promise<void> {
    this.#isStalled = true;
    return Promise.resolve();
  }

  #serve(socket: Socket): void {
    let pending = Buffer.alloc(0);
    let isTokenNext = false;
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const size = 4 + pending.readInt32BE(0);
        const request = pending.subarray(4, size);
        pending = pending.subarray(size);
        if (this.#isStalled) continue;
        if (this.nonsense !== undefined) {
          socket.write(this.nonsense);
          continue;
        }
        if (isTokenNext) {
          isTokenNext = false;
          if (this.#isRight(request)) socket.write(Buffer.alloc(4));
          else socket.destroy();
          continue;
        }
        isTokenNext = request.readInt16BE(0) === api.handshake && request.readInt16BE(2) === 0;
        const lost = this.answersToLose;
        const answer = this.#answer(new Reader(request));
        if (this.answersToLose < lost) socket.destroy();
        else socket.write(answer);
      }
    });
  }

  #answer(request: Reader): Buffer {
    const [key] = [request.int16(), request.int16()];
    const answer = new Writer().int32(request.int32());
    request.string();
    if (key === api.versions) this.#versions(answer);
    else if (key === api.metadata) this.#metadata(request, answer);
    else if (key === api.handshake) answer.int16(0).list(['PLAIN'], (name) => answer.string(name));
    else if (key === api.login) this.#login(request, answer);
    else if (key === api.initProducer) this.#initProducer(answer);
    else if (key === api.produce) this.#produce(request, answer);
    else throw new Error(`the fake broker does not know request ${key}`);
    return answer.frame();
  }

  #versions(answer: Writer): void {
    const offered = [
      [api.produce, 3],
      [api.metadata, 4],
      [api.handshake, 1],
      [api.versions, 0],
      [api.initProducer, 0],
      [api.login, 0],
    ] as const;
    const known = offered.filter(([key]) => !this.#isOld || key !== api.login);
    answer.int16(0).list(known, ([key, version]) => answer.int16(key).int16(0).int16(version));
  }

  #metadata(request: Reader, answer: Writer): void {
    this.metadataRequests += 1;
    const topics = request.list(() => request.string());
    answer.int32(0);
    const port = this.advertisedPort ?? this.#local.port;
    answer.list([0], () => answer.int32(1).string('127.0.0.1').int32(port).int16(-1));
    answer.int16(-1).int32(1);
    answer.list(topics, (topic) => {
      answer
        .int16(this.metadataCodes.shift() ?? 0)
        .string(topic)
        .int8(0);
      answer.list(
        Array.from({ length: this.#partitions }).map((_, id) => id),
        (id) => {
          answer
            .int16(0)
            .int32(id)
            .int32(this.leaderless.has(id) ? -1 : 1);
          answer.list([1], (node) => answer.int32(node));
          answer.list([1], (node) => answer.int32(node));
        },
      );
    });
  }

  #login(request: Reader, answer: Writer): void {
    const isRight = this.#isRight(request.bytes());
    answer
      .int16(isRight ? 0 : 58)
      .string(isRight ? '' : 'wrong')
      .bytes(Buffer.alloc(0));
  }

  #isRight(token: Buffer): boolean {
    const [, , password] = token.toString().split('\0');
    return password === this.#password;
  }

  #initProducer(answer: Writer): void {
    const code = this.initCodes.shift() ?? 0;
    if (code === 0) this.producers += 1;
    answer
      .int32(0)
      .int16(code)
      .int64(code === 0 ? BigInt(this.producers) : -1n)
      .int16(0);
  }

  #produce(request: Reader, answer: Writer): void {
    request.string();
    request.int16();
    request.int32();
    const topics = request.list(() => ({
      topic: request.string(),
      parts: request.list(() => ({ partition: request.int32(), records: request.bytes() })),
    }));
    answer.list(topics, ({ topic, parts }) => {
      answer.string(topic).list(parts, ({ partition, records }) => {
        const refused = this.produceCodes.get(partition)?.shift() ?? 0;
        const code = refused === 0 ? this.#store(readMessages(records, partition)) : refused;
        answer.int32(partition).int16(code).int64(0n).int64(-1n);
      });
    });
    answer.int32(this.throttles.shift() ?? 0);
  }

  #store(messages: readonly StoredMessage[]): number {
    const [first] = messages;
    if (first === undefined) return codes.INVALID_RECORD;
    const { producer, partition, sequence } = first;
    const key = `${producer}/${partition}`;
    const next = this.#next.get(key) ?? sequence;
    const isRepeat = sequence + messages.length === next;
    if (producer >= 0 && isRepeat) this.repeats += 1;
    else if (producer >= 0 && sequence !== next) return codes.OUT_OF_ORDER_SEQUENCE_NUMBER;
    else {
      this.#next.set(key, sequence + messages.length);
      this.messages.push(...messages);
    }
    if (this.answersToLose > 0) this.answersToLose -= 1;
    return 0;
  }
}
