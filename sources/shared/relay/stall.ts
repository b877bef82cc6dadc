/** How long nothing has moved: looked at now and then, so that a byte costs nothing. */
export class Stall {
  #seen = -1;
  #for = 0;

  /** `moved`: a number that grows with every byte. */
  stalledFor(passed: number, moved: number): number {
    this.#for = moved === this.#seen ? this.#for + passed : 0;
    this.#seen = moved;
    return this.#for;
  }
}
