/** Bytes of a line; longer ones are passed over. */
const longest = 64 * 1024;

/** Cuts bytes into lines. `length` of what it gives: how many bytes of the file that was, with the line feed. */
export class Lines {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a line that is too long, as far as it was passed over. */
  #passed = 0;

  *cut(bytes: Buffer): Generator<{ readonly text: string | undefined; readonly length: number }> {
    let from = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
      yield this.#line(bytes.subarray(from, at), 1);
      from = at + 1;
    }
    this.#keep(bytes.subarray(from));
  }

  /** What stands behind the last line feed, as a line; undefined: nothing. */
  end(): { readonly text: string | undefined; readonly length: number } | undefined {
    return this.#rest.length + this.#passed === 0 ? undefined : this.#line(Buffer.alloc(0), 0);
  }

  #keep(part: Buffer): void {
    const length = this.#rest.length + part.length;
    if (this.#passed === 0 && length <= longest) {
      this.#rest = Buffer.concat([this.#rest, part]);
      return;
    }
    this.#passed += length;
    this.#rest = Buffer.alloc(0);
  }

  #line(part: Buffer, feed: number) {
    const length = this.#passed + this.#rest.length + part.length + feed;
    const isLong = length - feed > longest;
    const text = isLong
      ? undefined
      : Buffer.concat([this.#rest, part]).toString('utf8').replace(/\r$/, '');
    this.#passed = 0;
    this.#rest = Buffer.alloc(0);
    return { text, length };
  }
}
