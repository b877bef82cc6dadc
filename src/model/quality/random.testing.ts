/** Chance that can be repeated. */
export class Random {
  /** At least 0, less than 1: a small generator of known quality (mulberry32). */
  readonly next: () => number;

  constructor(seed: number) {
    let state = seed >>> 0;
    this.next = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)] as T;
  }

  /** At least the first, less than the second. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from));
  }

  word(): string {
    return Array.from({ length: this.integer(2, 5) }, () => this.pick(syllables)).join('');
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.integer(0, 16).toString(16)).join('');
  }

  uuid(): string {
    return [8, 4, 4, 4, 12].map((length) => this.hex(length)).join('-');
  }

  date(): string {
    const two = (value: number): string => String(value).padStart(2, '0');
    return `20${two(this.integer(10, 26))}-${two(this.integer(1, 13))}-${two(this.integer(1, 29))}`;
  }

  shuffle<T>(values: T[]): T[] {
    for (let at = values.length - 1; at > 0; at--) {
      const other = Math.floor(this.next() * (at + 1));
      [values[at], values[other]] = [values[other] as T, values[at] as T];
    }
    return values;
  }
}

const syllables =
  'ba be bi bo da de fo ga ge ka ki la lo ma mi no pa ra re sa si ta to un va vi'.split(' ');
