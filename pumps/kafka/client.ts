import type { Outcome, Partition, RecordSet } from './producer/producer.ts';

/** What this pump needs of a client of Kafka. Nothing here rejects, and nothing is claimed after an abort. */
export interface Client {
  /** The topic's partitions. Has the topic made where the broker makes topics by itself. */
  partitions(signal: AbortSignal): Promise<Outcome<readonly Partition[]>>;
  /** Sends messages of one partition. They are stored together or not at all. After a failure it may still read their bytes. */
  send(set: RecordSet, signal: AbortSignal): Promise<Outcome<void>>;
  /** Sends messages of any partitions as one transaction. */
  transact(sets: readonly RecordSet[], signal: AbortSignal): Promise<Outcome<void>>;
  /** Asks for the topic. */
  lookUp(signal: AbortSignal): Promise<Outcome<void>>;
  close(): Promise<void>;
}
