import { shownHostPort } from '#pump';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** A question to a broker, and how to read its answer. */
export interface Request<T> {
  /** As Kafka's documentation calls it. */
  readonly name: string;
  readonly key: number;
  /** The versions that `write` and `read` know, both included. None has the compact forms that came later. */
  readonly versions: readonly [oldest: number, newest: number];
  write(out: WireWriter, version: number): void;
  /** What ends the request: sent as it is. It must not change until the answer is there. */
  readonly ending: Uint8Array | undefined;
  read(answer: WireReader, version: number): T;
}

type VersionRanges = ReadonlyMap<number, readonly [oldest: number, newest: number]>;

/** Which requests this broker knows. Its first version is answered by all of them. */
export const apiVersions: Request<{ readonly code: number; readonly versions: VersionRanges }> = {
  name: 'ApiVersions',
  key: 18,
  versions: [0, 0],
  ending: undefined,
  write: () => undefined,
  read: (answer) => ({
    code: answer.int16(),
    versions: new Map(
      answer.list(() => [answer.int16(), [answer.int16(), answer.int16()] as const] as const),
    ),
  }),
};

export interface TopicAnswer {
  readonly code: number;
  /** Where the brokers are, by their ids. */
  readonly addresses: ReadonlyMap<number, string>;
  /** A leader below zero: there is none. */
  readonly partitions: readonly { readonly id: number; readonly leader: number }[];
}

/** The partitions of one topic. `isWanted`: a broker that makes topics by itself makes it. */
export const metadata = (topic: string, { isWanted }: { readonly isWanted: boolean }) =>
  ({
    name: 'Metadata',
    key: 3,
    versions: [4, 4],
    ending: undefined,
    write(out) {
      out.list([topic], (name) => out.string(name)).int8(isWanted ? 1 : 0);
    },
    read(answer) {
      answer.int32();
      const addresses = new Map(
        answer.list(() => {
          const found = [answer.int32(), readAddress(answer)] as const;
          answer.string();
          return found;
        }),
      );
      answer.string();
      answer.int32();
      const [found] = answer.list(() => {
        const code = answer.int16();
        expectAbout(topic, answer.string());
        answer.int8();
        return { code, partitions: answer.list(() => partitionOf(answer)) };
      });
      return { code: found?.code ?? 0, addresses, partitions: found?.partitions ?? [] };
    },
  }) satisfies Request<TopicAnswer>;

/** Throws where an answer is about something else than what was asked: it must not count as ours. */
export function expectAbout(asked: string | number, answered: string | number): void {
  if (answered !== asked) throw new RangeError('The answer is about something else.');
}

function partitionOf(answer: WireReader): { readonly id: number; readonly leader: number } {
  answer.int16();
  const [id, leader] = [answer.int32(), answer.int32()];
  answer.list(() => answer.int32());
  answer.list(() => answer.int32());
  return { id, leader };
}

/** A host and a port, as `host:port`. */
export function readAddress(answer: WireReader): string {
  const [host, port] = [answer.string(), answer.int32()];
  return shownHostPort({ host, port });
}

/** A number for a producer, by which the broker recognises what it has stored already. */
export interface ProducerNumber {
  readonly id: bigint;
  readonly epoch: number;
}

export const initProducerId = (transactionalId: string | null, transactionTimeout: number) =>
  ({
    name: 'InitProducerId',
    key: 22,
    versions: [0, 1],
    ending: undefined,
    write(out) {
      out.string(transactionalId).int32(transactionTimeout);
    },
    read(answer) {
      answer.int32();
      return { code: answer.int16(), id: answer.int64(), epoch: answer.int16() };
    },
  }) satisfies Request<ProducerNumber & { readonly code: number }>;

export interface Produce {
  readonly topic: string;
  readonly partition: number;
  readonly transactionalId: string | null;
  /** How long the broker may wait for the replicas, in milliseconds. */
  readonly timeout: number;
  /** A sealed record batch. */
  readonly batch: Uint8Array;
}

export interface ProduceAnswer {
  readonly code: number;
  /** How long the broker wants to hear nothing of us, in milliseconds. */
  readonly throttle: number;
}

/** A record batch for one partition; answered once all replicas in sync have it. */
export const produce = ({ topic, partition, transactionalId, timeout, batch }: Produce) =>
  ({
    name: 'Produce',
    key: 0,
    versions: [3, 7],
    ending: batch,
    write(out) {
      out.string(transactionalId).int16(allInSync).int32(timeout);
      out.int32(1).string(topic).int32(1).int32(partition).int32(batch.length);
    },
    read(answer, version) {
      const [codes = []] = answer.list(() => {
        expectAbout(topic, answer.string());
        return answer.list(() => {
          expectAbout(partition, answer.int32());
          const code = answer.int16();
          answer.int64();
          answer.int64();
          if (version >= 5) answer.int64();
          return code;
        });
      });
      const [code, ...others] = codes;
      if (code === undefined || others.length > 0)
        throw new RangeError('The answer is not about one partition.');
      return { code, throttle: answer.int32() };
    },
  }) satisfies Request<ProduceAnswer>;

const allInSync = -1;
