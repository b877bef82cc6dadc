import { expectAbout, type ProducerNumber, type Request, readAddress } from './requests.ts';

/** Which broker looks after the transactions of an id. */
export const findCoordinator = (transactionalId: string) =>
  ({
    name: 'FindCoordinator',
    key: 10,
    versions: [1, 2],
    ending: undefined,
    write(out) {
      out.string(transactionalId).int8(ofTransactions);
    },
    read(answer) {
      answer.int32();
      const code = answer.int16();
      answer.string();
      answer.int32();
      return { code, address: readAddress(answer) };
    },
  }) satisfies Request<{ readonly code: number; readonly address: string }>;

const ofTransactions = 1;

/** The producer of a transaction. */
export interface TransactionOwner extends ProducerNumber {
  readonly transactionalId: string;
}

/** Says which partitions will have messages of the transaction. Gives the first code that is not 0. */
export const addPartitions = (
  { transactionalId, id, epoch }: TransactionOwner,
  topic: string,
  partitions: readonly number[],
) =>
  ({
    name: 'AddPartitionsToTxn',
    key: 24,
    versions: [0, 1],
    ending: undefined,
    write(out) {
      out.string(transactionalId).int64(id).int16(epoch);
      out.int32(1).string(topic);
      out.list(partitions, (partition) => out.int32(partition));
    },
    read(answer) {
      answer.int32();
      const codes = new Map<number, number>();
      answer.list(() => {
        expectAbout(topic, answer.string());
        return answer.list(() => codes.set(answer.int32(), answer.int16()));
      });
      if (partitions.some((partition) => !codes.has(partition)))
        throw new RangeError('The answer leaves out a partition.');
      const refused = [...codes.values()].filter((code) => code !== 0);
      // Where one partition is refused, the others are said not to have been tried.
      return refused.find((code) => code !== notAttempted) ?? refused[0] ?? 0;
    },
  }) satisfies Request<number>;

const notAttempted = 55;

/** Ends a transaction. */
export const endTransaction = (
  { transactionalId, id, epoch }: TransactionOwner,
  { isCommitted }: { readonly isCommitted: boolean },
) =>
  ({
    name: 'EndTxn',
    key: 26,
    versions: [0, 1],
    ending: undefined,
    write(out) {
      out
        .string(transactionalId)
        .int64(id)
        .int16(epoch)
        .int8(isCommitted ? 1 : 0);
    },
    read(answer) {
      answer.int32();
      return answer.int16();
    },
  }) satisfies Request<number>;
