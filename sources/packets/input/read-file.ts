import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
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
  try {
    for await (const chunk of isInput ? unzipped(process.stdin) : chunksOf(path)) {
      if (signal.aborted || !reader.push(chunk)) break;
      await pace();
    }
  } catch (error) {
    return { problem: explain(error) };
  }
  return { problem: signal.aborted ? 'it was stopped before its end' : reader.end() };
}

/** Chunks of a file, each in the place of the last one. */
async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const chunk = Buffer.allocUnsafeSlow(chunkSize);
    let { bytesRead } = await file.read(chunk, 0, chunkSize);
    if (isZipped(chunk.subarray(0, bytesRead))) {
      yield* unzipped(createReadStream(path));
      return;
    }
    while (bytesRead > 0) {
      yield chunk.subarray(0, bytesRead);
      ({ bytesRead } = await file.read(chunk, 0, chunkSize));
    }
  } finally {
    await file.close();
  }
}

/** Chunks of a stream, decompressed where it begins as gzip does. */
async function* unzipped(stream: Readable): AsyncGenerator<Buffer> {
  try {
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const first = await chunks.next();
    if (first.done === true) return;
    const all = following(first.value, chunks);
    if (!isZipped(first.value)) {
      yield* all;
      return;
    }
    const unzip = createGunzip({ chunkSize });
    const feeding = feed(all, unzip);
    yield* unzip as AsyncIterable<Buffer>;
    await feeding;
  } finally {
    stream.destroy();
  }
}

const isZipped = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function* following(first: Buffer, others: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await others.next(); next.done !== true; next = await others.next())
    yield next.value;
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
