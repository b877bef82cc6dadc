import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import { type Bytes, type Millis, mebibytes } from '../../lib/units.ts';
import { retryAfterOf } from './retry-after.ts';

/** What the server said, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  /** Without the encoding of the body, which is undone. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** From `Retry-After`. */
  readonly retryAfter?: Millis;
  /** The proxy that may have said it in the server's place. */
  readonly proxy?: string;
}

/** Words for an answer that has none of the server's own. */
export function withoutReason({ status, proxy }: Pick<HttpAnswer, 'status' | 'proxy'>): string {
  const words = `The server answered ${status} without a reason.`;
  return proxy === undefined ? words : `${words} Perhaps it was the proxy ${proxy}.`;
}

/** An answer came, and is not one that can be read; the message says why. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer';
}

/**
 * Most bytes of an answer that are read, before and after it is decompressed. Far more than any server has to say: one
 * that repeats every document of a full bulk request in its refusal stays below.
 */
export const mostOfAnswer = mebibytes(16);

/** Reads an answer to its end. Throws an UnreadableAnswer where that is too far. */
export async function readAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  clock: Clock,
  most: Bytes = mostOfAnswer,
): Promise<HttpAnswer> {
  const { 'content-encoding': encoding, ...others } = headers;
  const raw = await upTo(most, body, statusCode);
  const plain = await decoded(raw, String(encoding ?? ''), { most, statusCode });
  const retryAfter = retryAfterOf(headers, clock.now());
  return {
    status: statusCode,
    headers: others,
    body: plain.toString('utf8'),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

async function upTo(
  most: Bytes,
  body: AsyncIterable<unknown>,
  statusCode: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early ends the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw tooLarge(statusCode, most);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

const decoders: Readonly<
  Record<string, (body: Buffer, limit: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** No encoding is asked for, but some servers and proxies compress all the same. */
async function decoded(
  body: Buffer,
  encoding: string,
  { most, statusCode }: { readonly most: Bytes; readonly statusCode: number },
): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (body.length === 0 || name === '' || name === 'identity') return body;
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decode === undefined)
    throw new UnreadableAnswer(
      `the answer with status ${statusCode} has an encoding nobody asked for`,
    );
  try {
    return await decode(body, { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(statusCode, most);
    throw new UnreadableAnswer(`the answer with status ${statusCode} is no valid ${name}`);
  }
}

const tooLarge = (statusCode: number, most: Bytes): UnreadableAnswer =>
  new UnreadableAnswer(
    `the answer with status ${statusCode} has more than ${most / mebibytes(1)} MiB; what it says was not read`,
  );
