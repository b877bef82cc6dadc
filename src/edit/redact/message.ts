import { areTrailers, dechunk, enchunk, isInChunks } from './chunked.ts';
import { codingsOf, mayBeText, sniffedCoding, type Unsure, uncompress } from './compression.ts';
import { inCoded, inHead } from './content.ts';
import { find } from './find.ts';
import { type Header, headersIn, headSize, isMessage, valueOf } from './head.ts';
import { type About, type Pass, seeLater } from './plan.ts';
import { type Span, settle, span, withSpans } from './spans.ts';
import { plainText } from './text-kind.ts';

/** A text where it was changed, and why all of a body was redacted, where it was. */
export interface Redacted {
  readonly text: string | undefined;
  readonly unsure: Unsure | undefined;
}

/** What stands before the empty line, with that line; all of it where there is none. */
export const headOf = (bytes: Buffer): string => bytes.toString('latin1', 0, headSize(bytes));

/** An HTTP/1 message as it was on the wire, or what is left of one. Anything else is a text. `head`: that of the bytes. */
export function redactMessage(bytes: Buffer, head: string, pass: Pass, depth = 0): Redacted {
  if (!isMessage(head)) {
    const text = bytes.toString('latin1');
    // A start line that was cut off is a method and a path.
    const body = redactBody(text, noHeaders, /^[A-Z]{2,12} \/[^\s]*$/.test(text), pass, bytes);
    return { text: body.text === text ? undefined : body.text, unsure: body.unsure };
  }
  const end = head.length;
  const body = bytes.subarray(end);
  const headers = headersIn(head, head.indexOf('\n') + 1 || end);
  const isShort = headers.some(
    ({ name, valueFrom, valueTo }) =>
      name === 'content-length' && Number(head.slice(valueFrom, valueTo)) > body.length,
  );
  const isCut = isShort || (body.length === 0 && !/\n\r?\n$/.test(head));
  const settled = inHead(head, headers, pass, isCut && body.length === 0, bytes.subarray(0, end));
  const about: About = {
    type: valueOf(head, headers, 'content-type'),
    codings: codingsOf(valueOf(head, headers, 'content-encoding')),
    transfer: codingsOf(valueOf(head, headers, 'transfer-encoding')),
  };
  const changed =
    body.length === 0 || isQuietBody(body, about, pass)
      ? untouched
      : changedBody(
          body,
          about,
          isCut,
          pass,
          interim.test(head) && depth < mostInterim ? depth + 1 : 0,
        );
  if (changed.text === undefined && settled.length === 0)
    return { text: undefined, unsure: changed.unsure };
  const text = changed.text ?? body.toString('latin1');
  const edited = withEdits(head, headers, settled, changed, text.length - body.length, pass);
  return { text: edited + text, unsure: changed.unsure };
}

function isQuietBody(body: Buffer, about: About, pass: Pass): boolean {
  if (pass.quiet?.isBody(body, about) !== true) return false;
  seeLater(body, pass);
  return true;
}

interface ChangedBody {
  /** Undefined where it stays as it is. */
  readonly text: string | undefined;
  readonly unsure: Unsure | undefined;
  /** It is no longer compressed. */
  readonly isPlain: boolean;
}

const untouched: ChangedBody = { text: undefined, unsure: undefined, isPlain: false };

/** `innerDepth`: above 0 where a message of its own may follow, behind so many heads. */
function changedBody(
  body: Buffer,
  about: About,
  isCut: boolean,
  pass: Pass,
  innerDepth: number,
): ChangedBody {
  if (innerDepth > 0) {
    const head = headOf(body);
    if (isMessage(head)) return { ...redactMessage(body, head, pass, innerDepth), isPlain: false };
  }
  const text = body.toString('latin1');
  const changed = redactBody(text, about, isCut, pass, body);
  return changed.text === text ? { ...changed, text: undefined } : changed;
}

/** `100 Continue`, `103 Early Hints`: the message itself follows. */
const interim = /^HTTP\/\d(?:\.\d)? 1\d\d/;
const mostInterim = 4;

/** Headers that speak of the body, made to fit it. */
function withEdits(
  head: string,
  headers: readonly Header[],
  settled: readonly Span[],
  changed: ChangedBody,
  growth: number,
  pass: Pass,
): string {
  const spans = [...settled];
  const edit = (each: Span): void => {
    spans.push({ ...each, isWhole: false });
  };
  for (const { name, from, to, valueFrom, valueTo } of headers) {
    const value = head.slice(valueFrom, valueTo);
    if (name === 'content-length' && growth !== 0 && /^\d{1,15}$/.test(value))
      edit(span(valueFrom, valueTo, String(Math.max(0, Number(value) + growth))));
    if (name === 'content-encoding' && changed.isPlain) edit(span(from, to, ''));
    if (name === 'transfer-encoding' && changed.isPlain && value.toLowerCase() !== 'chunked')
      edit(
        codingsOf(value).at(-1) === 'chunked'
          ? span(valueFrom, valueTo, 'chunked')
          : span(from, to, ''),
      );
  }
  return withSpans(head, settle(head, spans, pass.plan.mark('')));
}

const noHeaders: About = { type: '', codings: [], transfer: [] };

interface Body {
  readonly text: string;
  readonly unsure: Unsure | undefined;
  /** It is no longer compressed. */
  readonly isPlain: boolean;
}

function redactBody(body: string, about: About, isCut: boolean, pass: Pass, bytes: Buffer): Body {
  if (body === '') return kept(body);
  const isChunked =
    about.transfer.at(-1) === 'chunked' || (about.transfer.length === 0 && isInChunks(body));
  const transfer = about.transfer.filter((coding) => coding !== 'chunked');
  const codings = transfer.length === 0 ? about.codings : [...about.codings, ...transfer];
  if (!isChunked) return redactCoded(body, codings, about, isCut, pass, bytes);
  const chunks = dechunk(body);
  const trailers = chunks === undefined ? '' : body.slice(chunks.trailersFrom);
  if (chunks === undefined || !areTrailers(trailers)) {
    const put = wholeBody('chunking', about, pass);
    return { ...put, text: enchunk(put.text, '\r\n') };
  }
  const content =
    chunks.content === ''
      ? kept('')
      : redactCoded(
          chunks.content,
          codings,
          about,
          false,
          pass,
          Buffer.from(chunks.content, 'latin1'),
        );
  const settled = inHead(trailers, headersIn(trailers, 0), pass);
  const isSame =
    content.text === chunks.content && find(chunks.extensions, plainText, pass).length === 0;
  if (isSame && settled.length === 0) return kept(body);
  const end = withSpans(trailers, settled);
  const text = isSame ? body.slice(0, chunks.trailersFrom) + end : enchunk(content.text, end);
  return { ...content, text };
}

const kept = (text: string): Body => ({ text, unsure: undefined, isPlain: false });

/** Nothing is known of it for sure, so nothing of it stays. */
function wholeBody(unsure: Unsure, { type }: About, pass: Pass): Body {
  const put = pass.plan.mark('');
  pass.places++;
  const isJson = /[/+]json\b/i.test(type) && put !== '';
  return { text: isJson ? `"${put}"` : put, unsure, isPlain: true };
}

function redactCoded(
  body: string,
  said: readonly string[],
  about: About,
  isCut: boolean,
  pass: Pass,
  bytes: Buffer,
): Body {
  const { compressed, decodedBytes } = pass.plan;
  const sniffed = said.length > 0 ? undefined : sniffedCoding(body);
  const codings = sniffed === undefined ? said : [sniffed];
  if (codings.length === 0) return redactContent(body, about, isCut, pass, bytes);
  if (compressed === 'keep') return kept(body);
  if (compressed === 'drop' && sniffed !== 'deflate') {
    pass.places++;
    return { text: '', unsure: undefined, isPlain: true };
  }
  const plain = uncompress(bytes, codings, decodedBytes);
  if ('unsure' in plain) {
    if (sniffed === 'deflate' && mayBeText(body, plain.unsure))
      return redactContent(body, about, isCut, pass, bytes);
    return isWhole(body) ? kept(body) : wholeBody(plain.unsure, about, pass);
  }
  const content = plain.bytes.toString('latin1');
  const changed = redactContent(content, about, false, pass, plain.bytes);
  if (changed.text === content) return kept(body);
  return {
    ...changed,
    text: plain.compress(Buffer.from(changed.text, 'latin1')).toString('latin1'),
  };
}

/** What an earlier redaction has left. */
const isWhole = (body: string): boolean => /^"?\[(?:redacted|hmac:[0-9a-f]{16})\]"?$/.test(body);

function redactContent(
  text: string,
  about: About,
  isCut: boolean,
  pass: Pass,
  bytes: Buffer,
): Body {
  const spans = inCoded(text, '', { type: about.type, isCut, depth: 0 }, pass, bytes);
  return spans.length === 0 ? kept(text) : kept(withSpans(text, spans));
}
