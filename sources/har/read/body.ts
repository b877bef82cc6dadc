import type { BodyCopy } from '#source';
import { without } from './headers.ts';
import { amountIn, isObject, listIn, type Raw, textIn } from './shape.ts';

export interface SeenBody {
  readonly body: BodyCopy;
  readonly rawHeaders: readonly string[];
}

const nothing = Buffer.alloc(0);
const codings = new Set(['content-encoding', 'transfer-encoding', 'content-length']);

/** Bodies in a HAR are what stood in them once decoded, whatever the headers say of their coding. Kept are the first `limit` bytes. */
export function answerBody(response: Raw, rawHeaders: readonly string[], limit: number): SeenBody {
  const content = isObject(response['content']) ? response['content'] : {};
  const bytes = bytesIn(content);
  const size = amountIn(content['size']) ?? amountIn(response['bodySize']) ?? 0;
  if (bytes === undefined)
    return { body: { bytes: nothing, length: Math.floor(size) }, rawHeaders };
  return { body: cut(bytes, limit), rawHeaders: asDecoded(rawHeaders, bytes) };
}

export function requestBody(request: Raw, rawHeaders: readonly string[], limit: number): SeenBody {
  const data = isObject(request['postData']) ? request['postData'] : {};
  const bytes = bytesIn(data) ?? formOf(data);
  if (bytes !== undefined)
    return { body: cut(bytes, limit), rawHeaders: asDecoded(rawHeaders, bytes) };
  const size = amountIn(request['bodySize']) ?? 0;
  return { body: { bytes: nothing, length: Math.floor(size) }, rawHeaders };
}

/** Undefined: it was not kept by whoever wrote the file. */
function bytesIn(content: Raw): Buffer | undefined {
  const { text, encoding } = content;
  if (typeof text !== 'string' || (text === '' && (amountIn(content['size']) ?? 0) > 0))
    return undefined;
  const said = encoding ?? content['_encoding'];
  return Buffer.from(text, textIn(said).toLowerCase() === 'base64' ? 'base64' : 'utf8');
}

/** Of a form that is told by its fields alone. Files in it are not there, so with files it cannot be made. */
function formOf(data: Raw): Buffer | undefined {
  const params = listIn(data['params']);
  if (params.length === 0 || !/x-www-form-urlencoded/i.test(textIn(data['mimeType'])))
    return undefined;
  const fields = params.flatMap((one): [string, string][] =>
    isObject(one) ? [[textIn(one['name']), textIn(one['value'])]] : [],
  );
  return Buffer.from(new URLSearchParams(fields).toString());
}

const cut = (bytes: Buffer, limit: number): BodyCopy => ({
  // A copy: what was cut off can go.
  bytes: bytes.length <= limit ? bytes : Buffer.from(bytes.subarray(0, limit)),
  length: bytes.length,
});

/** Whoever reads the record would decode it once more. */
function asDecoded(rawHeaders: readonly string[], bytes: Buffer): readonly string[] {
  // Some proxies keep what was sent.
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (isGzip) return rawHeaders;
  const kept = without(rawHeaders, codings);
  if (kept.length === rawHeaders.length) return rawHeaders;
  kept.push('Content-Length', String(bytes.length));
  return kept;
}
