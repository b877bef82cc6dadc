/*
 * Finds the entries of a HAR without holding it: bytes in, in pieces of any size, one entry after the other out. It knows just enough of
 * JSON for that (texts, comments, nesting, the names of the first two levels), and leaves an entry's own syntax to whoever parses it. So a
 * file of gigabytes takes the memory of its largest entry, and a bad entry does not take the others with it.
 *
 * Entries are the elements of `log.entries`, of `entries` and of a list at the top; an object at the top that has none of these is an entry
 * itself. Several values may follow one another, as in NDJSON.
 */

/** What was found, in order. `index`: which entry it is, of all that were found. */
export type Piece =
  /** `bytes` are lent: they may change once `take` has returned. */
  | { readonly kind: 'entry'; readonly index: number; readonly bytes: Buffer }
  /** Longer than the bound, so it was passed over. */
  | { readonly kind: 'too-long'; readonly index: number; readonly length: number }
  /** From here on nothing can be told apart. `at`: bytes from the beginning; `index`: of the entry that is missing, or would be next. */
  | {
      readonly kind: 'broken';
      readonly index: number;
      readonly at: number;
      readonly words: string;
    };

/** What a bracket holds, to us. */
type Role = 'root' | 'log' | 'entries' | 'other';

const [quote, backslash, slash, star, newline] = [0x22, 0x5c, 0x2f, 0x2a, 0x0a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const [colon, comma, space] = [0x3a, 0x2c, 0x20];
/** The names that matter are shorter. */
const longestName = 16;
/** What is nested deeper is no HAR, and would only use memory. */
const deepest = 10_000;

export class Splitter {
  readonly #take: (piece: Piece) => void;
  readonly #longest: number;
  /** The open brackets: whether it is a brace, and what it holds. */
  readonly #open: { readonly isBrace: boolean; readonly role: Role }[] = [];
  #within: 'nothing' | 'text' | 'escape' | 'slash' | 'line' | 'block' | 'star' = 'nothing';
  /** The text under way is a name of an object that we look into; and as far as it was read. */
  #isName = false;
  #name = '';
  /** The number of open brackets at which the value that is kept began; -1: none is. */
  #keptFrom = -1;
  #kept: Buffer[] = [];
  #keptLength = 0;
  /** An element of `entries` that is no object and no list. */
  #hasScalar = false;
  #index = 0;
  /** Bytes before this piece. */
  #before = 0;
  #isBroken = false;

  /** `longest`: bytes of an entry. */
  constructor(take: (piece: Piece) => void, { longest }: { readonly longest: number }) {
    this.#take = take;
    this.#longest = longest;
  }

  /** Takes the next bytes. None of them are kept beyond the entry that they are of. */
  write(bytes: Buffer): void {
    if (!this.#isBroken) this.#scan(bytes);
    this.#before += bytes.length;
  }

  /** There is no more. Gives how many entries there were, whole or not. */
  end(): number {
    const isOpen = this.#open.length > 0 || this.#within === 'text';
    if (isOpen && !this.#isBroken) {
      const isCut = this.#keptFrom >= 0;
      this.#break(0, isCut ? 'it ends within this entry' : 'it ends before its entries do');
      if (isCut) this.#index++;
    }
    return this.#index;
  }

  #scan(bytes: Buffer): void {
    const { length } = bytes;
    let from = 0;
    for (let at = 0; at < length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#within !== 'nothing') {
        at = this.#through(bytes, at);
        if (this.#isBroken) return;
        continue;
      }
      switch (byte) {
        case openBrace:
        case openBracket:
          if (this.#opens(byte === openBrace, at)) from = at;
          break;
        case closeBrace:
        case closeBracket:
          this.#closes(byte === closeBrace, at);
          if (!this.#isBroken && this.#keptFrom === this.#open.length)
            this.#finish(bytes, from, at + 1);
          break;
        case quote:
          this.#within = 'text';
          if (this.#isName) this.#name = '';
          this.#isElement(at);
          break;
        case comma:
          this.#isName = this.#looksForNames;
          this.#endScalar();
          break;
        case colon:
          this.#isName = false;
          break;
        case slash:
          this.#within = 'slash';
          break;
        default:
          if (byte > space) this.#isElement(at);
      }
      if (this.#isBroken) return;
    }
    if (this.#keptFrom >= 0) this.#keep(bytes, from, length);
  }

  /** The last byte of a text or a comment, or of the piece. */
  #through(bytes: Buffer, start: number): number {
    const { length } = bytes;
    let at = start;
    if (this.#within === 'text') {
      if (this.#isName) {
        this.#readName(bytes[at] ?? 0);
        return at;
      }
      // Most of a HAR is read here.
      for (; at < length; at++) {
        const byte = bytes[at];
        if (byte === quote) {
          this.#within = 'nothing';
          return at;
        }
        if (byte === backslash && ++at >= length) this.#within = 'escape';
      }
      return at;
    }
    const byte = bytes[at] ?? 0;
    if (this.#within === 'escape') this.#within = 'text';
    else if (this.#within === 'slash') this.#beginComment(byte, at);
    else if (this.#within === 'line') this.#within = byte === newline ? 'nothing' : 'line';
    else if (this.#within === 'star' && byte === slash) this.#within = 'nothing';
    else this.#within = byte === star ? 'star' : 'block';
    return at;
  }

  #readName(byte: number): void {
    if (byte === backslash) this.#within = 'escape';
    if (byte !== quote) {
      if (this.#name.length < longestName) this.#name += String.fromCharCode(byte);
      return;
    }
    this.#within = 'nothing';
    this.#isName = false;
    // What is kept is no entry, but has some.
    if (this.#keptFrom === 0 && (this.#name === 'log' || this.#name === 'entries')) this.#forget();
  }

  #beginComment(byte: number, at: number): void {
    if (byte === slash) this.#within = 'line';
    else if (byte === star) this.#within = 'block';
    else this.#break(at, 'expected a comment or a value');
  }

  /** True: from here on bytes are kept. */
  #opens(isBrace: boolean, at: number): boolean {
    if (this.#open.length >= deepest) {
      this.#break(at, `it is nested more than ${deepest} deep`);
      return false;
    }
    const outer = this.#open.at(-1)?.role;
    const role = this.#roleOf(isBrace, outer);
    const isEntry = this.#keptFrom < 0 && (outer === 'entries' || (isBrace && outer === undefined));
    if (isEntry) this.#keptFrom = this.#open.length;
    this.#open.push({ isBrace, role });
    this.#isName = this.#looksForNames;
    return isEntry;
  }

  #roleOf(isBrace: boolean, outer: Role | undefined): Role {
    if (outer === undefined) return isBrace ? 'root' : 'entries';
    const isOuter = outer === 'root' || outer === 'log';
    if (isOuter && !isBrace && this.#name === 'entries') return 'entries';
    return outer === 'root' && isBrace && this.#name === 'log' ? 'log' : 'other';
  }

  get #looksForNames(): boolean {
    const inner = this.#open.at(-1);
    return inner !== undefined && inner.isBrace && inner.role !== 'other';
  }

  #closes(isBrace: boolean, at: number): void {
    this.#endScalar();
    const closed = this.#open.pop();
    this.#isName = false;
    if (closed === undefined) this.#break(at, 'a bracket is closed that was not opened');
    else if (closed.isBrace !== isBrace)
      this.#break(at, 'a bracket is closed by one of the other kind');
  }

  /** Something that is neither an object nor a list. */
  #isElement(at: number): void {
    const role = this.#open.at(-1)?.role;
    if (role === 'entries') this.#hasScalar = true;
    else if (role === undefined) this.#break(at, 'expected an object or a list');
  }

  #endScalar(): void {
    if (!this.#hasScalar) return;
    this.#hasScalar = false;
    this.#take({ kind: 'entry', index: this.#index++, bytes: Buffer.from('null') });
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    this.#keptLength += to - from;
    if (this.#keptLength > this.#longest) this.#kept = [];
    // A copy: the piece is its reader's, and mostly larger.
    else this.#kept.push(Buffer.from(bytes.subarray(from, to)));
  }

  #finish(bytes: Buffer, from: number, to: number): void {
    const length = this.#keptLength + to - from;
    const last = bytes.subarray(from, to);
    const whole = this.#kept.length === 0 ? last : Buffer.concat([...this.#kept, last]);
    const index = this.#index++;
    this.#forget();
    if (length > this.#longest) this.#take({ kind: 'too-long', index, length });
    else this.#take({ kind: 'entry', index, bytes: whole });
  }

  #forget(): void {
    this.#keptFrom = -1;
    this.#kept = [];
    this.#keptLength = 0;
  }

  #break(at: number, words: string): void {
    this.#isBroken = true;
    this.#kept = [];
    this.#take({ kind: 'broken', index: this.#index, at: this.#before + at, words });
  }
}
