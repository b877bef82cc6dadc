import { createHash } from 'node:crypto';
import type { FedRecord } from '../../app/fed-records.ts';
import { isObject } from '../../config/options/json.ts';
import { explain } from '../../lib/errors.ts';
import { identityOf } from '../../pump/batch.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import type { CsvReader } from '../../record/csv/read.ts';
import { decoders } from '../../record/decoders.ts';
import { encodeMsgpack } from '../../record/encode/msgpack.ts';
import type { AnalyticsRecord, Decoder, RecordKind } from '../../record/record.ts';
import { uptimeDecoder } from '../../record/uptime/decoder.ts';
import { uptimeName } from '../../redis/keys.ts';
import { readDocument } from './document.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { Repeats } from './repeats.ts';

export interface FeedFiles {
  readonly files: readonly string[];
  /** What the route takes. */
  readonly kind: RecordKind;
  /** Where records come from whose file does not say it. */
  readonly home: SourceList;
  /** Others are left out. */
  readonly selects: (record: AnalyticsRecord) => boolean;
  /** Told of what is no record; `line` 0: the rest of the file. */
  readonly onUnreadable: (file: string, line: number, reason: string) => void;
  /** Told of each file that is CSV, which does not hold everything. */
  readonly onTable: () => void;
}

/** How far the files have been read. */
export interface Counts {
  /** Records in them, those left out included. */
  read: number;
  leftOut: number;
}

type Read = FedRecord | { readonly reason: string };

/** The records of the files, one after the other: what cannot be read is told and passed over. */
export async function* recordsOf(
  { files, kind, home, selects, onUnreadable, onTable }: FeedFiles,
  counts: Counts,
): AsyncGenerator<FedRecord> {
  const repeats = new Repeats();
  for (const file of files) {
    repeats.clear();
    const pieces = piecesOf(file, onTable);
    try {
      for (;;) {
        // Only of reading: what is thrown into a yield is none of the file's.
        const next = await pieces.next().catch((error: unknown) => ({ error }));
        if ('error' in next) onUnreadable(file, 0, explain(next.error));
        if ('error' in next || next.done === true) break;
        const read = readPiece(next.value, { kind, home, repeats });
        if (read === undefined) continue;
        if ('reason' in read) onUnreadable(file, next.value.number, read.reason);
        else {
          counts.read += 1;
          const record = read.list.decoder.decode([read.bytes]).record(0);
          if (record !== undefined && selects(record)) yield read;
          else counts.leftOut += 1;
        }
      }
    } finally {
      await pieces.return(undefined);
    }
  }
}

interface Reading {
  readonly kind: RecordKind;
  readonly home: SourceList;
  readonly repeats: Repeats;
}

/** Undefined: there is nothing in it. */
function readPiece({ bytes, reason = '', reader }: Piece, reading: Reading): Read | undefined {
  if (bytes === undefined) return { reason };
  return reader === undefined ? readLine(bytes, reading) : ofRow(bytes, reader, reading);
}

/** A row of CSV has no id: it is one that its bytes have. */
function ofRow(row: Buffer, reader: CsvReader, { kind, home, repeats }: Reading): Read | undefined {
  if (row.length === 0) return undefined;
  if (kind === 'uptime') return { reason: wrongKind('analytics') };
  const read = reader.read(row);
  if (read.reason !== undefined) return read;
  return { list: home, ...madeIdentity(row, repeats), bytes: encodeMsgpack(read.fields) };
}

function readLine(bytes: Buffer, reading: Reading): Read | undefined {
  const text = bytes.toString();
  if (text.trim() === '') return undefined;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Its own words would show what is in the record.
    return { reason: 'is no JSON' };
  }
  if (!isObject(document)) return { reason: 'is no JSON object' };
  return 'base64' in document && 'encoding' in document
    ? ofExport(document, reading)
    : ofDocument(document, bytes, reading);
}

/** A line of `sluice dead export`: the bytes as the gateway wrote them. */
function ofExport(line: Readonly<Record<string, unknown>>, { kind }: Reading): Read {
  const { id, list, encoding, base64 } = line;
  const identity = typeof id === 'string' ? identityOf(id) : undefined;
  if (identity === undefined) return { reason: '"id": expected the id of a record' };
  if (typeof list !== 'string' || list === '') return { reason: '"list": expected a text' };
  if (base64 === null)
    return { reason: 'has no record: it was larger than Redis sends (sluice dead retry)' };
  const bytes = typeof base64 === 'string' ? ofBase64(base64) : undefined;
  if (bytes === undefined) return { reason: '"base64": expected a text in base64' };
  const decoder = decoderOf(list, encoding);
  if (decoder === undefined) return { reason: '"encoding": expected "msgpack" or "protobuf"' };
  if (decoder.records !== kind) return { reason: wrongKind(decoder.records) };
  const [broken] = decoder.decode([bytes]).undecodable;
  if (broken !== undefined) return { reason: `its bytes are no record: ${broken.reason}` };
  return { list: { key: list, decoder }, ...identity, bytes };
}

function ofBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

const decoderOf = (list: string, encoding: unknown): Decoder | undefined =>
  list.endsWith(uptimeName('')) ? uptimeDecoder : decoders.find(({ name }) => name === encoding);

const wrongKind = (found: RecordKind): string =>
  found === 'uptime'
    ? 'is an uptime record, and the route takes calls'
    : 'is a call, and the route takes uptime records';

/** A document with all fields. The id is the one in it, else one that its bytes have. */
function ofDocument(
  document: Readonly<Record<string, unknown>>,
  line: Buffer,
  { kind, home, repeats }: Reading,
): Read {
  if (kind === 'uptime') return { reason: wrongKind('analytics') };
  const read = readDocument(document);
  if (read.reason !== undefined) return read;
  const said = document['record_id'];
  const identity =
    said === undefined
      ? madeIdentity(line, repeats)
      : typeof said === 'string'
        ? identityOf(said)
        : undefined;
  if (identity === undefined) return { reason: '"record_id": expected the id of a record' };
  return { list: home, ...identity, bytes: encodeMsgpack(read.fields) };
}

/** The same whenever the same file is fed, under whatever name. */
function madeIdentity(line: Buffer, repeats: Repeats) {
  const end = line.at(-1) === 0x0d ? line.length - 1 : line.length;
  const hash = createHash('sha256').update(line.subarray(0, end)).digest();
  return { segment: `feed-${hash.toString('hex', 0, 16)}`, index: repeats.next(hash) };
}
