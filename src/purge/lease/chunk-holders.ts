import { ContractError } from '../../lib/errors.ts';
import type { Memory } from '../../lib/region-pool.ts';
import type { Chunk } from '../../record/record.ts';

/** Counts who may still read a chunk. When the last has let go of it, its memory may be used again. */
export class ChunkHolders {
  readonly #memory: Memory;
  #number = 0;
  #chunk: Chunk | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** One more. Before the chunk is there, too. */
  add(): void {
    this.#number += 1;
  }

  /** It has been read. */
  wasRead(chunk: Chunk): void {
    this.#chunk = chunk;
  }

  /** One less: once for each `add`, or never. */
  letGo(): void {
    this.#number -= 1;
    if (this.#number < 0) throw new ContractError('a chunk is let go of once by each who holds it');
    if (this.#number > 0 || this.#chunk === undefined) return;
    for (const region of this.#chunk.memory) this.#memory.give(region);
    this.#chunk = undefined;
  }
}
