import { ByteWriter, type Entry, type Shape, writeJsonText } from '#pump';
import type { Piece, Placeholder } from '../shared/templates/template.ts';
import { documentShape, type ValueWriter, valueWriter } from './fields.ts';

/**
 * What fields become within a JSON text: their own text with JSON's escapes, so that no value ends the text it stands in.
 * What is no text (a number, a list, the whole record) is its JSON.
 */

const quote = 0x22;

/** Writes the inside of a JSON text: without the quotes around it. */
export function textWriter(
  { name, fallback }: Placeholder,
  document: Shape = documentShape,
): ValueWriter {
  const write = valueWriter(name, document);
  const instead = fallback === undefined ? undefined : Buffer.from(insideOf(fallback));
  const value = new ByteWriter(256);
  const escaped = new ByteWriter(256);
  return (entry, out) => {
    value.clear();
    write(entry, value);
    const json = value.view();
    const isText = json[0] === quote;
    if (instead !== undefined && isEmpty(json)) out.bytes(instead);
    else if (isText) out.bytes(json, 1, json.length - 1);
    else {
      escaped.clear();
      writeJsonText(escaped, json, 0, json.length);
      out.bytes(escaped.view(), 1, escaped.length - 1);
    }
  };
}

const emptyValues: ReadonlySet<string> = new Set(['""', 'null', '[]']);

/** Nothing that a reader would miss: an empty text, no list, an empty one. */
export const isEmpty = (json: Buffer): boolean =>
  json.length <= 4 && emptyValues.has(json.toString('latin1'));

/** What stands between the quotes of a text's JSON. */
const insideOf = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Writes a whole JSON text of pieces, with its quotes. */
export function piecesWriter(pieces: readonly Piece[]): ValueWriter {
  const writers = pieces.map((piece): ValueWriter => {
    if (typeof piece !== 'string') return textWriter(piece);
    const literal = Buffer.from(insideOf(piece));
    return (_, out) => out.bytes(literal);
  });
  return (entry, out) => {
    out.byte(quote);
    for (const write of writers) write(entry, out);
    out.byte(quote);
  };
}

/** The same as a text of JavaScript, for a URL or a method. */
export function textOf(placeholder: Placeholder): (entry: Entry) => string {
  const write = textWriter(placeholder);
  const out = new ByteWriter(256);
  return (entry) => {
    out.clear();
    out.byte(quote);
    write(entry, out);
    out.byte(quote);
    return String(JSON.parse(out.view().toString('utf8')));
  };
}
