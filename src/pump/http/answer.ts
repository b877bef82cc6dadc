import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Clock } from '../../lib/clock.ts';
import { type Bytes, type Millis, mebibytes } from '../../lib/units.ts';
import { type RawAnswer, tooLarge, UnreadableAnswer } from './exchange.ts';
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

/**
 * Most bytes of an answer that are read, before and after it is decompressed. Far more than any server has to say: one
 * that repeats every document of a full bulk request in its refusal stays below.
 */
export const mostOfAnswer = mebibytes(16);

/** An answer as it was read: its bytes, of which a text is made where somebody asks for it. */
export class ReadAnswer implements HttpAnswer {
  readonly status: number;
  readonly headers: HttpAnswer['headers'];
  readonly bytes: Buffer;
  declare readonly retryAfter?: Millis;
  declare readonly proxy?: string;
  #body: string | undefined;

  constructor(parts: Omit<HttpAnswer, 'body'> & { readonly bytes: Buffer }) {
    const { status, headers, bytes, retryAfter, proxy } = parts;
    this.status = status;
    this.headers = headers;
    this.bytes = bytes;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
    if (proxy !== undefined) this.proxy = proxy;
  }

  get body(): string {
    return (this.#body ??= this.bytes.toString('utf8'));
  }
}

/** Reads what came. Throws an UnreadableAnswer where it would become too large. */
export async function readAnswer(
  { statusCode, headers, body }: RawAnswer,
  { clock, proxy }: { readonly clock: Clock; readonly proxy: string | undefined },
): Promise<ReadAnswer> {
  const { 'content-encoding': encoding, ...others } = headers;
  const retryAfter = retryAfterOf(headers, clock.now());
  return new ReadAnswer({
    status: statusCode,
    headers: others,
    bytes: await decoded(body, String(encoding ?? ''), { most: mostOfAnswer, statusCode }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(proxy === undefined ? {} : { proxy }),
  });
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
