import type { IncomingMessage } from 'node:http';
import { PassThrough, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

const decoders: Readonly<Record<string, () => Transform>> = {
  identity: () => new PassThrough(),
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The body is larger than may be. */
export class TooLarge extends Error {}
/** The body ended before it was whole, or is not in its coding. */
class CutShort extends Error {}

export const isKnownCoding = ({ headers }: IncomingMessage): boolean =>
  Object.hasOwn(decoders, codingOf(headers['content-encoding']));

const codingOf = (said: string | undefined): string => (said ?? 'identity').trim().toLowerCase();

/** The body, decoded, in parts. Throws `TooLarge` at the bound, and `CutShort`. */
export async function* bodyOf(request: IncomingMessage, most: number): AsyncGenerator<Buffer> {
  const decoder = (
    decoders[codingOf(request.headers['content-encoding'])] ?? decoders['identity']
  )?.();
  if (decoder === undefined) return;
  request.pipe(decoder);
  request.once('close', () => {
    if (!request.complete) decoder.destroy(new CutShort());
  });
  let length = 0;
  try {
    for await (const part of decoder as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > most) throw new TooLarge();
      yield part;
    }
  } catch (error) {
    throw error instanceof TooLarge ? error : new CutShort();
  } finally {
    request.unpipe(decoder);
    decoder.destroy();
  }
}
