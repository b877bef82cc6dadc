import { seedOf } from '../dice.ts';

const perPage = 1 << 20;

/**
 * Which records a sink has, and 32 bits of the id under which it has each: four bytes a record, for a run of hours. Records that
 * come again under the same id are there already, under another one they are stored twice.
 */
export class Shelf {
  readonly #pages: Int32Array[] = [];
  /** Records that are there. */
  size = 0;
  /** Documents that came again, and were not stored. */
  repeated = 0;
  /** Records that came again under another id. */
  twice = 0;
  /** Documents that are none of our records. */
  strange = 0;

  has(index: number): boolean {
    return (this.#pages[Math.floor(index / perPage)]?.[index % perPage] ?? 0) !== 0;
  }

  /** False: it is there already, under this id. */
  put(id: string, index: number | undefined): boolean {
    if (index === undefined) {
      this.strange++;
      return true;
    }
    const page = (this.#pages[Math.floor(index / perPage)] ??= new Int32Array(perPage));
    const hash = seedOf(id) | 1;
    const stored = page[index % perPage];
    if (stored === hash) {
      this.repeated++;
      return false;
    }
    if (stored === 0) this.size++;
    else this.twice++;
    page[index % perPage] = hash;
    return true;
  }
}
