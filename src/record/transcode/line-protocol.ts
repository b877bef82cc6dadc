import type { ByteWriter } from '../../lib/byte-writer.ts';
import { compilePoint } from '../compiled/line-protocol.ts';
import type { AnalyticsRecord } from '../record.ts';
import { type LineDialect, type PointShape, preparePoint } from './point-shape.ts';

/** Writes one line, with its end; keys in the order of their bytes. A shape without fields is no valid line. */
export type PointWriter = (record: AnalyticsRecord, nanos: string, out: ByteWriter) => void;

export function createPointWriter(shape: PointShape, dialect: LineDialect = 'strict'): PointWriter {
  const write = compilePoint(preparePoint(shape, dialect));
  return (record, nanos, out) => {
    write(record, out);
    out.byte(space);
    out.ascii(nanos);
    out.byte(lineFeed);
  };
}

const [lineFeed, space] = [0x0a, 0x20];
