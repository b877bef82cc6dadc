import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { explain } from '#source';
import { CaptureReader } from './capture-reader.ts';
import type { PacketSink } from './packet.ts';

export interface FileEnd {
  /** Undefined: it was read to its end. Otherwise what is wrong with it; all packets before were handed on. */
  readonly problem: string | undefined;
}

/** How much is read at a time: between two of these, others have their turn. */
const chunkSize = 256 * 1024;

/**
 * Reads a file of packets, `-`: standard input; one that is compressed (gzip) as it is. `pace` is waited for between two chunks. Never
 * rejects.
 */
export async function readCaptureFile(
  path: string,
  sink: PacketSink,
  { pace, signal }: { readonly pace: () => Promise<void>; readonly signal: AbortSignal },
): Promise<FileEnd> {
  const isInput = path === '-';
  const reader = new CaptureReader(isInput ? 'stdin' : basename(path), sink);
  const stream: Readable = isInput
    ? process.stdin
    : createReadStream(path, { highWaterMark: chunkSize });
  try {
    for await (const chunk of plain(stream)) {
      if (signal.aborted || !reader.push(chunk)) break;
      await pace();
    }
  } catch (error) {
    return { problem: explain(error) };
  } finally {
    stream.destroy();
  }
  return { problem: signal.aborted ? 'it was stopped before its end' : reader.end() };
}

/** Chunks of a stream, decompressed where it begins as gzip does. */
async function* plain(stream: Readable): AsyncGenerator<Buffer> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  if (first.done === true) return;
  const all = (async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
      yield next.value;
  })();
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* all;
    return;
  }
  const unzip = createGunzip({ chunkSize });
  const feeding = feed(all, unzip);
  yield* unzip as AsyncIterable<Buffer>;
  await feeding;
}

async function feed(
  chunks: AsyncIterable<Buffer>,
  unzip: ReturnType<typeof createGunzip>,
): Promise<void> {
  try {
    for await (const chunk of chunks)
      if (!unzip.write(chunk)) await new Promise((resolve) => unzip.once('drain', resolve));
    unzip.end();
  } catch (error) {
    unzip.destroy(error as Error);
  }
}
