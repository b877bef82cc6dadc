import { harEntry } from '../../record/har/entry.ts';
import type { AnalyticsRecord } from '../../record/record.ts';

/** What of an entry a request is made of (record/har/entry.ts). */
interface HarRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly postData?: { readonly text: string; readonly _encoding?: string };
}

/** What curl writes itself. */
const own = /^(?:host|content-length|connection|transfer-encoding|content-encoding)$/i;

/** A command line for a POSIX shell that sends the request again; nothing that a caller wrote is more than a word of it. */
export function curlOf(record: AnalyticsRecord): string {
  const { request } = JSON.parse(harEntry(record)) as { readonly request: HarRequest };
  const { method, url, headers, postData } = request;
  const words = [`--request ${quoted(method)}`, quoted(url)];
  for (const { name, value } of headers)
    if (!own.test(name)) words.push(`--header ${quoted(`${name}: ${value}`)}`);
  if (postData === undefined) return `curl ${words.join(' ')}`;
  // Those that a terminal is not shown as they are.
  const isBinary =
    postData._encoding === 'base64' || /(?!\n)[\p{C}\u2028\u2029]/u.test(postData.text);
  if (!isBinary) return `curl ${words.join(' ')} --data-raw ${quoted(postData.text)}`;
  const base64 =
    postData._encoding === 'base64' ? postData.text : Buffer.from(postData.text).toString('base64');
  return `printf %s ${quoted(base64)} | base64 -d | curl ${words.join(' ')} --data-binary @-`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
