/**
 * Reads JSON and keeps what JSON.parse throws away: keys that stand twice, where they stand, and in words why a text is
 * no JSON. (The message of JSON.parse quotes the text, which may be a password.)
 */
export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | {
      readonly kind: 'list';
      readonly elements: readonly JsonNode[];
      /** Where each of them begins. */
      readonly places: readonly Position[];
    }
  | { readonly kind: 'plain'; readonly value: string | number | boolean | null };

/** Both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** With the place of its key. */
export interface JsonMember extends Position {
  readonly key: string;
  readonly node: JsonNode;
}

/** Where a text stops being JSON, and why. */
export interface SyntaxProblem extends Position {
  readonly found: string;
  readonly expected: string;
}

export type JsonReading =
  | { readonly ok: true; readonly node: JsonNode }
  | { readonly ok: false; readonly problem: SyntaxProblem };

const token =
  /[{}[\],:]|true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Deeper than any configuration, and far from what a stack bears. */
const mostLevels = 200;

export function readJson(text: string): JsonReading {
  try {
    return { ok: true, node: new Reader(text).whole() };
  } catch (error) {
    if (error instanceof Broken) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** Thrown within this file only. */
class Broken extends Error {
  readonly problem: SyntaxProblem;

  constructor(problem: SyntaxProblem) {
    super('no JSON');
    this.problem = problem;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineFrom = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonNode {
    const node = this.#value('a value', 0);
    if (this.#peek() !== undefined || !this.#isAtEnd()) this.#fail('the end of the file');
    return node;
  }

  #value(expected: string, level: number): JsonNode {
    const found = this.#peek();
    if (found === undefined || /^[}\],:]/.test(found)) return this.#fail(expected);
    if (level > mostLevels) return this.#fail(`at most ${mostLevels} levels of objects and lists`);
    this.#take(found);
    if (found === '{') return this.#object(level);
    if (found === '[') return this.#list(level);
    return { kind: 'plain', value: JSON.parse(found) as string | number | boolean | null };
  }

  #object(level: number): JsonNode {
    const members: JsonMember[] = [];
    if (this.#takes('}')) return { kind: 'object', members };
    for (;;) {
      const isFirst = members.length === 0;
      const key = this.#peek();
      if (key?.startsWith('"') !== true)
        return this.#fail(
          isFirst ? 'a key in double quotes, or "}"' : noTrailing('a key in double quotes', '}'),
        );
      const place = this.#position();
      this.#take(key);
      if (!this.#takes(':')) return this.#fail('":" after the key');
      const node = this.#value('a value after ":"', level + 1);
      members.push({ key: JSON.parse(key) as string, node, ...place });
      if (this.#takes('}')) return { kind: 'object', members };
      if (!this.#takes(',')) return this.#fail('"," before the next key, or "}"');
    }
  }

  #list(level: number): JsonNode {
    const elements: JsonNode[] = [];
    const places: Position[] = [];
    if (this.#takes(']')) return { kind: 'list', elements, places };
    for (;;) {
      const isFirst = elements.length === 0;
      this.#peek();
      places.push(this.#position());
      elements.push(
        this.#value(isFirst ? 'a value, or "]"' : noTrailing('a value', ']'), level + 1),
      );
      if (this.#takes(']')) return { kind: 'list', elements, places };
      if (!this.#takes(',')) return this.#fail('"," before the next value, or "]"');
    }
  }

  /** The next token, not yet taken; undefined: the end, or none of JSON's. */
  #peek(): string | undefined {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at++;
    token.lastIndex = this.#at;
    return token.exec(this.#text)?.[0];
  }

  #take(found: string): void {
    this.#at += found.length;
  }

  #takes(wanted: string): boolean {
    if (this.#peek() !== wanted) return false;
    this.#take(wanted);
    return true;
  }

  #isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** It is asked for in the order of the text. */
  #position(): Position {
    for (;;) {
      const end = this.#text.indexOf('\n', this.#lineFrom);
      if (end < 0 || end >= this.#at) break;
      this.#line += 1;
      this.#lineFrom = end + 1;
    }
    return { line: this.#line, column: this.#at - this.#lineFrom + 1 };
  }

  #fail(expected: string): never {
    const token = this.#peek();
    const rest = this.#text.slice(this.#at);
    throw new Broken({ ...this.#position(), found: foundIn(rest, token), expected });
  }
}

const noTrailing = (expected: string, end: string): string =>
  `${expected}; no comma may stand before "${end}"`;

/** What stands there, never its text. */
function foundIn(rest: string, token: string | undefined): string {
  if (rest === '') return 'the end of the file';
  if (token !== undefined) {
    if (/^[{}[\],:]/.test(token)) return `"${token}"`;
    return token.startsWith('"') ? 'a text' : /^[tfn]/.test(token) ? token : 'a number';
  }
  if (/^(?:\/\/|\/\*|#)/.test(rest)) return 'a comment, which JSON has none of';
  if (rest.startsWith('"')) return brokenText(rest);
  if (/^['‘’“”`]/.test(rest)) return 'a quote that is not "';
  if (/^[+.\d-]/.test(rest)) return 'a number JSON does not know';
  return /^[\p{L}_$]/u.test(rest)
    ? 'a word without quotes'
    : 'a character that has no meaning here';
}

/** Why a text that begins there does not end. */
function brokenText(rest: string): string {
  const good =
    /^"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/.exec(rest)?.[0] ?? '"';
  const next = rest[good.length];
  if (next === undefined) return 'a text without its closing quote';
  if (next === '\\') return 'a text with a "\\" that begins no escape (one "\\" is written "\\\\")';
  return next === '\n' || next === '\r'
    ? 'a text without its closing quote in the line'
    : 'a text with a control character';
}
