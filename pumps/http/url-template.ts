import { type Entry, httpUrl } from '#pump';
import {
  broken,
  type Parsed,
  type Piece,
  type Placeholder,
  readPieces,
} from '../shared/templates/template.ts';
import { isField } from './fields.ts';
import { textOf } from './json-text.ts';

/**
 * An address with fields of the record in its path and its query, never in scheme, user, host or port: whom records are sent
 * to is the operator's to say alone. A value is percent-encoded, so that it stays within its part; one that would make
 * another path of it all the same (`.`, `..`, nothing) makes no request.
 */
export interface UrlTemplate {
  /** With a path where that is the same for all records. */
  readonly url: URL;
  /** The path and query for a record, undefined where there can be none. Undefined: it is `url` for all. */
  readonly pathOf: ((entry: Entry) => string | undefined) | undefined;
}

/** Servers take 8 KiB for the whole first line; a value may be of any length. */
export const longestPath = 7_168;

/** Stands for the placeholders while the address is read; nobody writes it. */
const token = (index: number): string => `sluice-placeholder-${index}-`;

export function readUrlTemplate(text: string): Parsed<UrlTemplate> {
  const reading = readPieces(text, isField);
  if (!reading.ok) return reading;
  const pieces = reading.value;
  const fields = pieces.filter((piece) => typeof piece !== 'string');
  let count = 0;
  const plain = pieces
    .map((piece) => (typeof piece === 'string' ? piece : token(count++)))
    .join('');
  const url = httpUrl(plain);
  // What is wrong with an address itself is said elsewhere, for all pumps alike.
  if (url === undefined) return broken(0, 'no such URL', 'one with http:// or https://');
  if (fields.length === 0) return { ok: true, value: { url, pathOf: undefined } };
  const rest = url.pathname + url.search;
  if (fields.some((_, index) => !rest.includes(token(index))))
    return broken(
      text.indexOf('{{'),
      'a field in the scheme, user, host, port or fragment',
      'fields in the path and the query alone',
    );
  const pathOf = pathWriter(url, fields);
  url.pathname = '/';
  url.search = '';
  return { ok: true, value: { url, pathOf } };
}

function pathWriter(
  { pathname, search }: URL,
  fields: readonly Placeholder[],
): (entry: Entry) => string | undefined {
  const segments = pathname.split('/').map((segment) => fill(piecesOf(segment, fields)));
  const query = fill(piecesOf(search, fields));
  return (entry) => {
    const path: string[] = [];
    for (const { render, isFixed } of segments) {
      const segment = render(entry);
      if (!isFixed && unfit.has(segment)) return undefined;
      path.push(segment);
    }
    const whole = path.join('/') + query.render(entry);
    return whole.length > longestPath ? undefined : whole;
  };
}

/** Segments that servers and proxies take for something else than a name. */
const unfit: ReadonlySet<string> = new Set(['', '.', '..']);

interface Filled {
  readonly isFixed: boolean;
  readonly render: (entry: Entry) => string;
}

function fill(pieces: readonly Piece[]): Filled {
  const renderers = pieces.map((piece) => {
    if (typeof piece === 'string') return () => piece;
    const text = textOf(piece);
    return (entry: Entry) => encoded(text(entry));
  });
  return {
    isFixed: pieces.every((piece) => typeof piece === 'string'),
    render: (entry) => renderers.map((render) => render(entry)).join(''),
  };
}

/** All but letters, digits and `-._~`. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function piecesOf(text: string, fields: readonly Placeholder[]): readonly Piece[] {
  return text
    .split(/(sluice-placeholder-\d+-)/)
    .filter((piece) => piece !== '')
    .map((piece) => fields.find((_, index) => piece === token(index)) ?? piece);
}
