import type { ByteWriter } from '../../../lib/byte-writer.ts';
import type { Literal } from '../../../lib/literal.ts';
import type { AnalyticsRecord } from '../../record.ts';

/** A record, and which of its segment it is. */
export interface Numbered {
  readonly record: AnalyticsRecord;
  readonly index: number;
}

/** What stands around a document. */
export interface Frame<Entry> {
  /** Before it. Neighbours with equal ones have the same object. */
  readonly head: (entry: Entry) => Literal;
  /** Behind the index of the entry, which then stands between the two. */
  readonly tail?: Literal | undefined;
  /** Behind the document. */
  readonly end: Literal;
}

/** Documents that are written into one buffer, one behind the other. */
export interface Documents<Entry extends Numbered> {
  readonly entries: readonly Entry[];
  readonly out: ByteWriter;
  readonly frame: Frame<Entry> | undefined;
  /** Gets the offset in `out` behind each. */
  readonly ends: number[] | undefined;
  /** Writes one without its frame, whatever it is. */
  readonly write: (record: AnalyticsRecord, out: ByteWriter) => void;
}

/** Writes the document of the entry at `at`. */
export function writeAlone<Entry extends Numbered>(
  { entries, out, frame, ends, write }: Documents<Entry>,
  at: number,
): void {
  const entry = entries[at] as Entry;
  if (frame === undefined) write(entry.record, out);
  else {
    out.literal(frame.head(entry));
    if (frame.tail !== undefined) {
      out.integer(entry.index);
      out.literal(frame.tail);
    }
    write(entry.record, out);
    out.literal(frame.end);
  }
  ends?.push(out.length);
}
