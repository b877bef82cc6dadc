const [quote, comma, lineFeed, carriageReturn] = [0x22, 0x2c, 0x0a, 0x0d];

/** A row of a CSV file. */
export interface CsvRow {
  /** Of the line on which it begins, from 1. */
  readonly number: number;
  /** As they stand in the file, without the line end; undefined: there is no whole row, for this reason. */
  readonly bytes: Buffer | undefined;
  readonly reason: string;
}

/** Where in a row a byte stands. */
const places = { cellStart: 0, plain: 1, quoted: 2, quoteEnd: 3, lineEnd: 4, broken: 5 } as const;
type Place = (typeof places)[keyof typeof places];

/**
 * The rows of a CSV file as `interpret.ts` writes them, or with CRLF behind them: a line feed ends one unless it stands between
 * quotes. What is longer than `longest` bytes is passed over. The last row needs its line end: without it, it may be half a row.
 */
export async function* csvRows(
  chunks: AsyncIterable<Buffer>,
  longest: number,
): AsyncGenerator<CsvRow> {
  let parts: Buffer[] = [];
  let length = 0;
  let place: Place = places.cellStart;
  let isBroken = false;
  let number = 1;
  let lines = 0;
  const ended = (last: Buffer): CsvRow => {
    const isTooLong = length + last.length > longest;
    const reason = isTooLong ? 'is longer than 64 MiB' : isBroken ? strayQuote : '';
    const bytes = reason === '' ? withoutReturn(Buffer.concat([...parts, last])) : undefined;
    const row = { number, bytes, reason };
    number += lines;
    parts = [];
    length = 0;
    lines = 0;
    place = places.cellStart;
    isBroken = false;
    return row;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === lineFeed) lines += 1;
      if (byte === lineFeed && place !== places.quoted) {
        isBroken = place === places.broken;
        yield ended(chunk.subarray(start, at));
        start = at + 1;
      } else place = placeAfter(place, byte);
    }
    const rest = chunk.subarray(start);
    length += rest.length;
    // Of what is too long only the length is kept.
    if (length <= longest) parts.push(rest);
    else parts = [];
  }
  if (length === 0) return;
  const isOpen = place === places.quoted;
  const reason = isOpen
    ? 'has a quote that does not end: nothing from here on is read'
    : 'has no line end: it may be half a row (end it with one if it is whole)';
  yield { number, bytes: undefined, reason };
}

const strayQuote = 'has a quote where none may stand: it is no CSV';

function placeAfter(place: Place, byte: number): Place {
  switch (place) {
    case places.cellStart:
      if (byte === quote) return places.quoted;
      return byte === comma ? places.cellStart : places.plain;
    case places.plain:
      if (byte === quote) return places.broken;
      return byte === comma ? places.cellStart : places.plain;
    case places.quoted:
      return byte === quote ? places.quoteEnd : places.quoted;
    case places.quoteEnd:
      if (byte === quote) return places.quoted;
      if (byte === comma) return places.cellStart;
      return byte === carriageReturn ? places.lineEnd : places.broken;
    default:
      return places.broken;
  }
}

/** A cell that ends with one is quoted. */
const withoutReturn = (row: Buffer): Buffer =>
  row.at(-1) === carriageReturn ? row.subarray(0, -1) : row;

/** The cells of a row, without their quotes; what is beyond `most` cells is left out. */
export function csvCells(row: Buffer, most: number): readonly Buffer[] {
  const cells: Buffer[] = [];
  let at = 0;
  while (cells.length < most) {
    const isQuoted = row[at] === quote;
    const end = isQuoted ? quotedEnd(row, at + 1) : endOf(row, row.indexOf(comma, at));
    cells.push(isQuoted ? unquoted(row.subarray(at + 1, end)) : row.subarray(at, end));
    at = isQuoted ? end + 1 : end;
    if (at >= row.length) break;
    at += 1;
  }
  return cells;
}

const endOf = (row: Buffer, found: number): number => (found < 0 ? row.length : found);

function quotedEnd(row: Buffer, from: number): number {
  let end = endOf(row, row.indexOf(quote, from));
  while (row[end + 1] === quote) end = endOf(row, row.indexOf(quote, end + 2));
  return end;
}

const unquoted = (cell: Buffer): Buffer =>
  cell.includes(quote)
    ? Buffer.from(cell.toString('latin1').replaceAll('""', '"'), 'latin1')
    : cell;
