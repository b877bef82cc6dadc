import { STATUS_CODES } from 'node:http';
import type { RequestHead } from './decision.ts';

/** An answer of ours, where there is none of an upstream. */
export interface OwnAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/**
 * A sentence for people: text, or `{"error": …}` where the client would rather have JSON. `headers` go before those
 * that describe the body.
 */
export function answerOf(
  status: number,
  words: string,
  {
    head,
    headers = [],
  }: {
    readonly head?: Pick<RequestHead, 'header'> | undefined;
    readonly headers?: readonly string[];
  } = {},
): OwnAnswer {
  const isJson = /\bjson\b/i.test(head?.header('accept') ?? '');
  const body = isJson ? `${JSON.stringify({ error: words })}\n` : `${words}\n`;
  const type = isJson ? 'application/json' : 'text/plain; charset=utf-8';
  const described = ['Content-Type', type, 'Content-Length', String(Buffer.byteLength(body))];
  return { status, headers: [...headers, ...described], body };
}

/** The same as bytes, for a socket that no parser serves any more; the connection ends after it. */
export function answerBytes(status: number, words: string): string {
  const { headers, body } = answerOf(status, words);
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'Connection: close'];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
