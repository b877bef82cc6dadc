import type { IncomingMessage } from 'node:http';
import { whatIsWrong } from './check.ts';
import type { Schema } from './schema.ts';

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: 400 | 415; readonly reason: string };

/**
 * The JSON that a request brings, checked; undefined where none is expected. How much it may be, the server decides
 * (lib/request-body.ts). Only what calls itself JSON is read: a form of a web page cannot.
 */
export async function bodyOf(request: IncomingMessage, schema: Schema | undefined): Promise<Body> {
  const bytes = await bytesOf(request);
  if (schema === undefined)
    return bytes.length === 0
      ? { ok: true, value: undefined }
      : { ok: false, status: 400, reason: 'this endpoint takes no body' };
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type))
    return {
      ok: false,
      status: 415,
      reason: 'the body must be JSON: content-type application/json',
    };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { ok: false, status: 400, reason: 'the body is no JSON' };
  }
  const reason = whatIsWrong(value, schema, 'the body');
  return reason === undefined ? { ok: true, value } : { ok: false, status: 400, reason };
}

/** What did not arrive whole is nobody's any more: the connection is gone. */
function bytesOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client has gone')));
    if (request.readableEnded) resolve(Buffer.concat(chunks));
  });
}
