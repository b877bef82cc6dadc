import type { ProducerNumber } from './wire/requests.ts';

/** Where in the numbering of its partition a batch begins. */
export interface Place {
  /** Undefined: the broker gives none. */
  readonly number: ProducerNumber | undefined;
  /** How many messages were stored in the partition under this number before. */
  readonly sequence: number;
}

/** Gives a number that was never given before. Throws a KafkaError. */
export type NumberSource = () => Promise<ProducerNumber | undefined>;

/** Sequences go round. */
const sequences = 2 ** 31;

/**
 * The numbers by which the broker recognises what it has stored already, and the next place of each partition. A place is
 * used again for nothing but the same bytes: it moves on when the broker has stored them, and stays when it refused them.
 * Where nobody knows, the partition gets another number: in the old place the broker would take other messages for a
 * repeat, say yes and drop them, and in the next one it would refuse them if the first are not there. The other
 * partitions keep their number, and with it what they have under way.
 */
export class Numbers {
  readonly #source: NumberSource;
  readonly #next = new Map<number, Place>();
  /** For partitions that have none. */
  #newest: ProducerNumber | undefined;
  #asking: Promise<ProducerNumber | undefined> | undefined;

  constructor(source: NumberSource) {
    this.#source = source;
  }

  /** For the next batch of the partition. Throws a KafkaError. */
  async placeIn(partition: number): Promise<Place> {
    const known = this.#next.get(partition);
    if (known !== undefined) return known;
    const place = { number: this.#newest ?? (await this.#ask()), sequence: 0 };
    this.#next.set(partition, place);
    return place;
  }

  #ask(): Promise<ProducerNumber | undefined> {
    this.#asking ??= this.#source()
      .then((number) => {
        this.#newest = number;
        return number;
      })
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }

  /** That many messages are stored in that place. */
  moveOn(partition: number, { number, sequence }: Place, count: number): void {
    this.#next.set(partition, { number, sequence: (sequence + count) % sequences });
  }

  /** Nobody knows what is stored in that place, and nobody will ask again. */
  abandon(partition: number, { number }: Place): void {
    this.#next.delete(partition);
    // A newer one has not been used for this partition.
    if (this.#newest === number) this.#newest = undefined;
  }
}
