import {
  type AnalyticsRecord,
  type BsonShape,
  type ByteWriter,
  bsonWriter,
  type Entry,
  type RecordWriter,
} from '#pump';
import { DocumentIds, idSize } from './document-id.ts';

/** No server takes a larger document. */
const mostDocumentBytes = 16 * 1024 * 1024;

/** In place of a payload that is too large, as Tyk Pump has it: in base64, like every payload. */
export const tooLargeNote = Buffer.from(
  'Document too large, not writing raw request and raw response!',
).toString('base64');

/** Before each document: its size, the element `_id`, and the id. */
const headSize = 4 + 5 + idSize;
const idHead = Buffer.from('\x07_id\0');

export interface DocumentOptions {
  readonly salt: string;
  readonly shape: BsonShape;
  /** A record that is estimated at more is stored without its payload; undefined: only where the server would refuse it. */
  readonly mostEstimated: number | undefined;
}

/** Writes entries as documents, one behind the other. */
export class Documents {
  readonly #ids: DocumentIds;
  readonly #write: RecordWriter;
  readonly #writeBare: RecordWriter;
  readonly #mostEstimated: number | undefined;

  constructor({ salt, shape, mostEstimated }: DocumentOptions) {
    this.#ids = new DocumentIds(salt);
    this.#write = bsonWriter(shape);
    this.#writeBare = bsonWriter(withoutPayload(shape));
    this.#mostEstimated = mostEstimated;
  }

  /** Gives whether the payload was left out. */
  write(entry: Entry, out: ByteWriter): boolean {
    const { record } = entry;
    const most = this.#mostEstimated;
    const isBare = most !== undefined && isLarger(record, most);
    const start = out.length;
    this.#document(entry, isBare ? this.#writeBare : this.#write, out);
    if (isBare || out.length - start <= mostDocumentBytes) return isBare;
    out.truncate(start);
    this.#document(entry, this.#writeBare, out);
    return true;
  }

  /** The id in a document that was written. */
  static idIn(document: Uint8Array): Uint8Array {
    return document.subarray(headSize - idSize, headSize);
  }

  #document(entry: Entry, write: RecordWriter, out: ByteWriter): void {
    const start = out.length;
    out.ensure(headSize);
    out.buffer.set(idHead, start + 4);
    this.#ids.put(entry, out.data, start + headSize - idSize);
    out.advance(start + headSize);
    write(entry.record, out);
    out.byte(0);
    out.data.setInt32(start, out.length - start, true);
  }
}

/** What all but the payload counts for. */
const restEstimate = 1_024;

/** A record's size as Tyk Pump estimates it. */
export const estimateOf = (record: AnalyticsRecord): number =>
  record.utf8('raw_request').length + record.utf8('raw_response').length + restEstimate;

/** Its size, or more, without a look at its fields. */
export const mostEstimateOf = (record: AnalyticsRecord): number => record.size + restEstimate;

const isLarger = (record: AnalyticsRecord, most: number): boolean =>
  mostEstimateOf(record) > most && estimateOf(record) > most;

const withoutPayload = (shape: BsonShape): BsonShape =>
  shape.map((entry) => {
    if (entry.value.form !== 'field') return entry;
    const { field } = entry.value;
    if (field === 'raw_request') return { ...entry, value: { form: 'constant', text: '' } };
    return field === 'raw_response'
      ? { ...entry, value: { form: 'constant', text: tooLargeNote } }
      : entry;
  });
