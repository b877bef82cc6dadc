/** Goes forward through bytes. At their end it stays, gives zeros, and says that it was short. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #isShort = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isShort(): boolean {
    return this.#isShort;
  }

  get isAtEnd(): boolean {
    return this.#isShort || this.#at === this.#bytes.length;
  }

  fail(): void {
    this.#isShort = true;
  }

  skip(length: number): void {
    if (this.#at + length > this.#bytes.length) this.#isShort = true;
    else this.#at += length;
  }

  /** Of so many bytes, the most significant first. */
  number(length: number): number {
    const start = this.#at;
    this.skip(length);
    if (this.#isShort) return 0;
    let value = 0;
    for (let at = start; at < start + length; at++)
      value = value * 256 + (this.#bytes[at] as number);
    return value;
  }

  /** A copy of so many bytes; none where there are fewer. */
  take(length: number): Uint8Array {
    const start = this.#at;
    this.skip(length);
    return this.#isShort
      ? new Uint8Array()
      : new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  /** What follows its own length, which has so many bytes. */
  list(lengthBytes: number): Reader {
    const length = this.number(lengthBytes);
    const start = this.#at;
    this.skip(length);
    return new Reader(
      this.#isShort ? new Uint8Array() : this.#bytes.subarray(start, start + length),
    );
  }

  /** All of it, byte for byte as characters. */
  rest(): string {
    this.#at = this.#bytes.length;
    return String.fromCharCode(...this.#bytes.subarray(0, 255));
  }
}
