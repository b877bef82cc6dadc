import { type CsvReader, csvHeaders, csvReader } from '../../record/csv/read.ts';
import { csvRows } from '../../record/csv/rows.ts';
import { linesOf, longestLine } from './lines.ts';
import { unpacked } from './unpacked.ts';

/** What a file says of one record: a line of JSON, or a row of CSV. */
export interface Piece {
  /** Of its line, or of the first of them. */
  readonly number: number;
  /** Undefined: it cannot be read, for this reason. */
  readonly bytes: Buffer | undefined;
  readonly reason?: string;
  /** Of a row. */
  readonly reader?: CsvReader;
}

/** The pieces of a file: rows where its first line names columns, else lines. Rejects where it cannot be read, or only in part. */
export async function* piecesOf(file: string, onTable: () => void): AsyncGenerator<Piece> {
  const chunks = unpacked(file);
  try {
    const begun = await begin(chunks);
    const whole = chained(begun, chunks);
    const header = firstLineOf(begun);
    const headers = header && csvHeaders(header);
    if (header !== undefined && headers !== undefined) {
      onTable();
      yield* rowsOf(whole, header, headers);
    } else
      for await (const { number, bytes } of linesOf(whole))
        yield { number, bytes, reason: 'is longer than 64 MiB' };
  } finally {
    await chunks.return(undefined);
  }
}

async function* rowsOf(
  chunks: AsyncIterable<Buffer>,
  header: Buffer,
  headers: readonly string[],
): AsyncGenerator<Piece> {
  const reader = csvReader(headers);
  if (reader.reason !== undefined) {
    yield { number: 1, bytes: undefined, reason: reader.reason };
    return;
  }
  // Two instances that begin a file together both write it.
  for await (const row of csvRows(chunks, longestLine))
    if (row.bytes?.equals(header) !== true) yield { ...row, reader };
}

/** Of headers; lines of JSON may be longer. */
const longestHeader = 64 * 1024;
const [lineFeed, carriageReturn, brace] = [0x0a, 0x0d, 0x7b];

/** As much as it takes to know the first line, without the mark of UTF-8 that spreadsheets write. */
async function begin(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let begun = Buffer.alloc(0);
  while (!begun.includes(lineFeed) && begun.length < longestHeader) {
    const next = await chunks.next();
    if (next.done === true) break;
    begun = Buffer.concat([begun, next.value]);
  }
  return begun.toString('latin1', 0, 3) === '\xef\xbb\xbf' ? begun.subarray(3) : begun;
}

/** Undefined: it is none of headers. */
function firstLineOf(begun: Buffer): Buffer | undefined {
  const end = begun.indexOf(lineFeed);
  const line = end < 0 ? begun : begun.subarray(0, end);
  if (line.length > longestHeader || line[0] === brace) return undefined;
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}

async function* chained(begun: Buffer, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield begun;
  yield* chunks;
}
