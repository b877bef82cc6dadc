import { untilAborted } from '#pump';
import { KafkaError } from './kafka-error.ts';

/** One request to a partition at a time, in the order in which they came. */
export class Turns {
  readonly #last = new Map<number, Promise<void>>();

  /** Begins `work` when nothing else is under way to the partition. What has waited until its signal aborted is not begun. */
  async take<T>(partition: number, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.#last.get(partition) ?? Promise.resolve();
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    // Who does not wait any longer still stands behind those who came before.
    const turn = Promise.all([before, ended]).then(() => {
      if (this.#last.get(partition) === turn) this.#last.delete(partition);
    });
    this.#last.set(partition, turn);
    try {
      await untilAborted(before, signal).catch(() => {
        throw notBegun(partition);
      });
      return await work();
    } finally {
      end();
    }
  }
}

const notBegun = (partition: number): KafkaError =>
  new KafkaError(`partition ${partition} has no answer for the batch before this one`, {
    kind: 'unreachable',
    isPassing: true,
  });
