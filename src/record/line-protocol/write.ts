import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { AnalyticsRecord } from '../record.ts';
import { compilePoint } from './compile.ts';
import { type LineDialect, type PointShape, preparePoint } from './shape.ts';

/** Writes a record as one line, with its end. */
export type PointWriter = (record: AnalyticsRecord, nanos: string, out: ByteWriter) => void;

/**
 * Writes points of the line protocol, keys in the order of their bytes. A shape without fields is no valid line. Made once,
 * when a pump opens.
 */
export function pointWriter(shape: PointShape, dialect: LineDialect = 'strict'): PointWriter {
  const write = compilePoint(preparePoint(shape, dialect));
  return (record, nanos, out) => {
    write(record, out);
    out.byte(space);
    out.ascii(nanos);
    out.byte(lineFeed);
  };
}

const [lineFeed, space] = [0x0a, 0x20];
