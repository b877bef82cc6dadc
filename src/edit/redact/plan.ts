import type { Paths } from './json-walk.ts';
import type { Literals } from './literals.ts';
import { leastLiteral } from './literals.ts';
import { isMark, type Mark } from './marks.ts';
import type { Scanner } from './scan/scanner.ts';
import { noSpans, type Span } from './spans.ts';

/** The rules, made ready. Names are in lower case. */
export interface Plan {
  readonly secrets: boolean;
  readonly cards: boolean;
  readonly email: boolean;
  readonly headers: ReadonlySet<string>;
  readonly query: ReadonlySet<string>;
  readonly cookies: ReadonlySet<string>;
  readonly forms: ReadonlySet<string>;
  readonly paths: Paths | undefined;
  readonly patterns: readonly Pattern[];
  /** Slots whose whole value goes. */
  readonly fields: ReadonlySet<number>;
  readonly apiKey: Mark | undefined;
  readonly ip: ((address: string) => string) | undefined;
  readonly mark: Mark;
  readonly isRemoving: boolean;
  readonly compressed: 'redact' | 'drop' | 'keep';
  readonly decodedBytes: number;
}

export type Pattern = (text: string, found: (from: number, to: number) => void) => void;

/** What a head says of the body behind it. */
export interface About {
  readonly type: string;
  readonly codings: readonly string[];
  readonly transfer: readonly string[];
}

/** Tells by bytes alone that nothing can be found in them (quiet.ts). */
export interface Quiet {
  /** Of bytes that the scanner has decoded: a message as usual, of a head and a body. */
  isMessage(bytes: Buffer): boolean;
  /** Of the body of a message whose head is not like that. */
  isBody(body: Buffer, about: About): boolean;
}

/** One walk over a record: what it has come upon. */
export interface Pass {
  readonly plan: Plan;
  /** Undefined where texts are looked over in plain words. */
  readonly scanner: Scanner | undefined;
  /** Undefined where every text is to be looked into: without a scanner, and in the second walk. */
  readonly quiet: Quiet | undefined;
  /** Values that were redacted for their place, by what replaced them. */
  readonly values: Map<string, string>;
  /** What an earlier walk has found; it is redacted wherever it stands. */
  readonly literals: Literals | undefined;
  /** Every text that was looked into, with what is redacted in it. */
  readonly seen: { readonly text: string; readonly spans: readonly Span[] }[];
  /** Bytes that came out of what is compressed within bodies. */
  unpacked: number;
  /** Number of places redacted. */
  places: number;
}

/** Notes bytes in which nothing was found. */
export function seeLater(bytes: Buffer, pass: Pass): void {
  pass.seen.push(new Unread(bytes));
}

/** A text is made of them where somebody asks for it. */
class Unread {
  readonly spans = noSpans;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get text(): string {
    return this.#bytes.toString('latin1');
  }
}

/** Longer values are no keys, and repeated at whole they are found by the same rules. */
const longestLiteral = 65_536;

/** What replaces a value that is redacted for its place; it is kept in mind, to be found elsewhere. */
export function placed(pass: Pass, value: string): string {
  const put = pass.plan.mark(value);
  remember(pass, value, put);
  return put;
}

export function remember(pass: Pass, value: string, put: string): void {
  if (value.length < leastLiteral || value.length > longestLiteral || isMark(value)) return;
  if (pass.values.has(value)) return;
  pass.values.set(value, put);
  // Too short for its base64 to be told from a word.
  if (value.length < shortest) {
    const encoded = Buffer.from(value, 'latin1').toString('base64').replace(/=+$/, '');
    pass.values.set(encoded, Buffer.from(put, 'latin1').toString('base64').replace(/=+$/, ''));
  }
}

/** From here on its base64 is looked into like any other (layers.ts). */
const shortest = 16;
