/** Reproducible chance: the same seed gives the same draws on every machine. Not for secrets. */
export class Chance {
  #state: number;

  /** `stream` sets apart draws of the same seed, such as one per record. */
  constructor(seed: number, stream: number) {
    this.#state = scramble(scramble(seed >>> 0) ^ scramble((stream + 0x9e37_79b9) >>> 0));
  }

  /** Uniform over 32 bits (mulberry32). */
  bits(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Uniform in [0, 1). */
  share(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** Uniform in 0 … bound − 1. */
  below(bound: number): number {
    return Math.floor(this.share() * bound);
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.bits().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  }
}

function scramble(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
