import { ByteWriter, type Shape } from '#pump';
import {
  broken,
  opensAt,
  type Parsed,
  type Placeholder,
  readPlaceholder,
  type TemplateProblem,
} from '../shared/templates/template.ts';
import { documentShape, isField, type ValueWriter, valueWriter } from './fields.ts';
import { isEmpty, textWriter } from './json-text.ts';

/**
 * A body in JSON with fields of the record in it. A field within a text becomes a part of that text; one that stands for a
 * whole value is that value: `{"api": "{{api_id}}", "took": {{latency.total}}, "call": {{record}}}`.
 *
 * The template is read by JSON's grammar, so that what is wrong shows at start, at its character, and a field is known by its
 * place: no value of a record changes what is around it. White space between values is not sent.
 */
export function readJsonTemplate(
  text: string,
  document: Shape = documentShape,
): Parsed<ValueWriter> {
  const reader = new Reader(text);
  const problem = reader.read();
  if (problem !== undefined) return { ok: false, problem };
  const writers = reader.parts.map((part) => writerOf(part, document));
  return {
    ok: true,
    value(entry, out) {
      for (const write of writers) write(entry, out);
    },
  };
}

type Part = string | { readonly placeholder: Placeholder; readonly isInText: boolean };

function writerOf(part: Part, document: Shape): ValueWriter {
  if (typeof part === 'string') {
    const literal = Buffer.from(part);
    return (_, out) => out.bytes(literal);
  }
  const { placeholder, isInText } = part;
  return (isInText ? textWriter : wholeValue)(placeholder, document);
}

function wholeValue({ name, fallback }: Placeholder, document: Shape): ValueWriter {
  const write = valueWriter(name, document);
  if (fallback === undefined) return write;
  const instead = Buffer.from(JSON.stringify(fallback));
  const value = new ByteWriter(256);
  return (entry, out) => {
    value.clear();
    write(entry, value);
    out.bytes(isEmpty(value.view()) ? instead : value.view());
  };
}

const white = /[ \t\n\r]*/y;
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const escape = /\\(?:["\\/bfnrt]|u[\da-f]{4})/iy;
/** Deeper than any document; a stack has its end. */
const deepest = 100;

/** Each method reads one thing and moves on; false where the problem has been noted. */
class Reader {
  readonly parts: Part[] = [];
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #problem: TemplateProblem | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): TemplateProblem | undefined {
    if (this.#value() && this.#at < this.#text.length)
      this.#fail('more behind the value', 'nothing');
    return this.#problem;
  }

  #value(): boolean {
    this.#skipWhite();
    if (opensAt(this.#text, this.#at)) return this.#placeholder(false) && this.#skipWhite();
    const first = this.#text[this.#at];
    const isRead =
      first === '{' || first === '['
        ? this.#nested(first)
        : first === '"'
          ? this.#string()
          : this.#scalar();
    return isRead && this.#skipWhite();
  }

  #nested(first: '{' | '['): boolean {
    this.#depth += 1;
    if (this.#depth > deepest) return this.#fail('more than 100 levels', 'fewer');
    const isRead =
      first === '{'
        ? this.#members('}', () => this.#member())
        : this.#members(']', () => this.#value());
    this.#depth -= 1;
    return isRead;
  }

  #members(end: '}' | ']', readMember: () => boolean): boolean {
    this.#take();
    this.#skipWhite();
    if (this.#text[this.#at] === end) return this.#take();
    for (;;) {
      if (!readMember()) return false;
      if (this.#text[this.#at] === end) return this.#take();
      if (this.#text[this.#at] !== ',') return this.#fail(this.#found(), `"," or "${end}"`);
      this.#take();
    }
  }

  #member(): boolean {
    this.#skipWhite();
    if (this.#text[this.#at] !== '"') return this.#fail(this.#found(), 'a key in quotes');
    if (!this.#string()) return false;
    this.#skipWhite();
    if (this.#text[this.#at] !== ':') return this.#fail(this.#found(), '":"');
    this.#take();
    return this.#value();
  }

  #string(): boolean {
    this.#take();
    for (;;) {
      const character = this.#text[this.#at];
      if (character === '"') return this.#take();
      if (character === undefined || character < ' ')
        return this.#fail(this.#found(), 'the end of the text, a quote');
      if (opensAt(this.#text, this.#at)) {
        if (!this.#placeholder(true)) return false;
      } else if (character === '\\') {
        if (!this.#match(escape)) return this.#fail('a "\\" that escapes nothing', '"\\\\"');
      } else this.#take();
    }
  }

  #scalar(): boolean {
    return this.#match(scalar) || this.#fail(this.#found(), 'a value, in JSON');
  }

  #placeholder(isInText: boolean): boolean {
    const reading = readPlaceholder(this.#text, this.#at, isField);
    if (!reading.ok) {
      this.#problem = reading.problem;
      return false;
    }
    this.#at = reading.value.end;
    this.parts.push({ placeholder: reading.value.placeholder, isInText });
    return true;
  }

  /** Takes what the pattern matches here, as it is. */
  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const [matched] = pattern.exec(this.#text) ?? [];
    if (matched === undefined) return false;
    this.#keep(matched);
    return true;
  }

  #take(): true {
    this.#keep(this.#text.slice(this.#at, this.#at + 1));
    return true;
  }

  #keep(literal: string): void {
    this.#at += literal.length;
    const last = this.parts.at(-1);
    if (typeof last === 'string') this.parts[this.parts.length - 1] = last + literal;
    else this.parts.push(literal);
  }

  #skipWhite(): true {
    white.lastIndex = this.#at;
    this.#at += white.exec(this.#text)?.[0].length ?? 0;
    return true;
  }

  #found(): string {
    const character = this.#text[this.#at];
    return character === undefined ? 'the end' : JSON.stringify(character);
  }

  #fail(found: string, expected: string): false {
    const failed = broken(this.#at, found, expected);
    if (!failed.ok) this.#problem = failed.problem;
    return false;
  }
}
