import {
  type Batch,
  ByteWriter,
  type LineDialect,
  type Millis,
  type PointShape,
  pointWriter,
} from '#pump';
import { pointNanos, writeNanos } from './point-time.ts';

/** The body of a write, and which bytes are whose: `ends[i]` is behind the line of the batch's record `i`. */
export interface Lines {
  readonly body: Buffer;
  readonly ends: readonly number[];
}

/** Whose time a point has. */
export type PointClock = 'record' | 'write';

/** One line per record, in the batch's order. A record whose time no point can have gets that of writing. */
export function createLineEncoder(
  shape: PointShape,
  { clock, dialect }: { readonly clock: PointClock; readonly dialect: LineDialect },
): (batch: Batch, now: Millis) => Lines {
  const writePoint = pointWriter(shape, dialect);
  return (batch, now) => {
    const out = new ByteWriter(batch.size * 256);
    const ends: number[] = [];
    for (const entry of batch) {
      const { record } = entry;
      const own = clock === 'record' ? pointNanos(record.time('timestamp'), entry) : undefined;
      writePoint(record, own ?? writeNanos(now, entry), out);
      ends.push(out.length);
    }
    return { body: out.take(), ends };
  };
}

/** The line of one record, without its end. */
export const lineAt = ({ body, ends }: Lines, index: number): string =>
  body.toString('utf8', ends[index - 1] ?? 0, (ends[index] ?? 1) - 1);
