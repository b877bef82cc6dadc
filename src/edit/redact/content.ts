import { inLines } from './base64-runs.ts';
import { narrowed } from './charset.ts';
import { codingsOf, mayBeText, sniffedCoding } from './compression.ts';
import { find } from './find.ts';
import { type Header, headersIn, isMessage, redactHeaders, valueOf } from './head.ts';
import { isMark } from './marks.ts';
import {
  boundaryOf,
  fieldName,
  headEnd,
  type Part,
  partsOf,
  sniffedBoundary,
} from './multipart.ts';
import { isSecret, nameKind } from './names.ts';
import { plainName } from './parameters.ts';
import { type Pass, placed } from './plan.ts';
import { noSpans, type Span, settle, span, withSpans } from './spans.ts';
import { plainText, type TextKind } from './text-kind.ts';
import { unpack } from './unpack.ts';

/** What is said of a body, or of a part of one. */
export interface ContentKind {
  readonly type: string;
  readonly isCut: boolean;
  readonly depth: number;
}

const mostDepth = 4;

/** What is redacted in content that is neither compressed nor in chunks. */
function inContent(text: string, kind: ContentKind, pass: Pass, bytes?: Buffer): readonly Span[] {
  if (text.length < 3) return noSpans;
  const wide = narrowed(text, charsetOf(kind.type));
  const found = inNarrow(text, kind, pass, bytes);
  if (wide === undefined) return found;
  // What says that letters are wide may be wrong.
  const both = [...wide.widen(inNarrow(wide.text, kind, pass, undefined)), ...found];
  return settle(text, both, pass.plan.mark(''));
}

function inNarrow(
  text: string,
  kind: ContentKind,
  pass: Pass,
  bytes: Buffer | undefined,
): readonly Span[] {
  if (kind.depth < mostDepth)
    for (const boundary of [boundaryOf(kind.type), sniffedBoundary(text)]) {
      const parts = boundary === undefined ? undefined : partsOf(text, boundary);
      if (parts !== undefined) return inParts(text, parts, kind, pass);
    }
  if (kind.depth < mostDepth && isMessage(text)) return inMessage(text, kind, pass);
  return find(text, textKind(text, kind), pass, bytes);
}

/** A message in the body of another one. */
function inMessage(text: string, kind: ContentKind, pass: Pass): readonly Span[] {
  const end = headEnd(text, 0, text.length);
  const head = text.slice(0, end);
  const headers = headersIn(head, 0);
  const spans = [...inHead(head, headers, pass)];
  const type = valueOf(head, headers, 'content-type');
  const coding = valueOf(head, headers, 'content-encoding');
  const inner = { ...kind, type, depth: kind.depth + 1 };
  const body = inCoded(text.slice(end), coding, inner, pass);
  shifted(body, end, spans);
  return settle(text, spans, pass.plan.mark(''));
}

/** What is redacted in the lines of a head, or in trailers. */
export function inHead(
  head: string,
  headers: readonly Header[],
  pass: Pass,
  isCut = false,
  bytes?: Buffer,
): readonly Span[] {
  const before = pass.places;
  const spans: Span[] = [...find(head, { ...plainText, isHead: true, isCut }, pass, bytes)];
  const found = spans.filter(({ isWhole }) => isWhole).length;
  redactHeaders(head, headers, pass, spans);
  const settled = settle(head, spans, pass.plan.mark(''));
  const more = settled.filter(({ isWhole }) => isWhole).length - found;
  pass.places = Math.max(before, pass.places + more);
  pass.seen.push({ text: head, spans: settled });
  return settled;
}

const textKind = (text: string, { type, isCut, depth }: ContentKind): TextKind => ({
  isForm:
    /x-www-form-urlencoded/i.test(type) ||
    (type === '' && /^[\w.%+[\]-]{1,64}=[^\s"<>{}]*$/.test(text.slice(0, 2048).trimEnd())),
  isCut,
  isHead: false,
  isText: !text.slice(0, 1024).includes('\0'),
  depth,
});

const charsetOf = (type: string): string =>
  /;\s*charset\s*=\s*"?([A-Za-z0-9_-]{1,40})/i.exec(type)?.[1] ?? '';

function inParts(
  text: string,
  parts: readonly Part[],
  kind: ContentKind,
  pass: Pass,
): readonly Span[] {
  const spans: Span[] = [];
  let from = 0;
  const between = (to: number): void => {
    shifted(find(text.slice(from, to), textKind('', { ...kind, type: 'text' }), pass), from, spans);
  };
  for (const part of parts) {
    between(part.from);
    inPart(text, part, kind, pass, spans);
    from = part.to;
  }
  between(text.length);
  return settle(text, spans, pass.plan.mark(''));
}

function inPart(text: string, part: Part, kind: ContentKind, pass: Pass, spans: Span[]): void {
  const head = text.slice(part.from, part.contentFrom);
  const headers = headersIn(head, 0);
  shifted(inHead(head, headers, pass), part.from, spans);
  const content = text.slice(part.contentFrom, part.to);
  if (content === '') return;
  const name = fieldName(head, headers);
  if (isFieldRedacted(name, pass)) {
    if (isMark(content)) return;
    pass.places++;
    spans.push(span(part.contentFrom, part.to, placed(pass, content)));
    return;
  }
  shifted(
    inPartContent(
      content,
      head,
      headers,
      { ...kind, isCut: kind.isCut && part.isLast, depth: kind.depth + 1 },
      pass,
    ),
    part.contentFrom,
    spans,
  );
}

function isFieldRedacted(name: string, pass: Pass): boolean {
  if (name === '') return false;
  if (pass.plan.forms.has(plainName(name))) return true;
  const kind = nameKind(name);
  return kind === 'card' ? pass.plan.cards : pass.plan.secrets && isSecret(kind);
}

function inPartContent(
  content: string,
  head: string,
  headers: readonly Header[],
  kind: ContentKind,
  pass: Pass,
): readonly Span[] {
  const type = valueOf(head, headers, 'content-type') || 'text/plain';
  const encoding = valueOf(head, headers, 'content-transfer-encoding').toLowerCase();
  if (encoding === 'base64') return inBase64(content, { ...kind, type }, pass);
  if (encoding === 'quoted-printable') return inQuotedPrintable(content, { ...kind, type }, pass);
  const coding = valueOf(head, headers, 'content-encoding');
  return inCoded(content, coding, { ...kind, type }, pass);
}

/** Content that may be compressed, as a header says or its first bytes: written anew where something is found in it. */
export function inCoded(
  text: string,
  said: string,
  kind: ContentKind,
  pass: Pass,
  bytes?: Buffer,
): readonly Span[] {
  const { compressed, mark } = pass.plan;
  const told = codingsOf(said);
  const sniffed = told.length > 0 ? undefined : sniffedCoding(text);
  const codings = sniffed === undefined ? told : [sniffed];
  if (codings.length === 0) return inContent(text, kind, pass, bytes);
  if (compressed === 'keep' || text === '' || isMark(text)) return noSpans;
  const plain = unpack(text, codings, pass);
  if ('unsure' in plain) {
    if (sniffed === 'deflate' && mayBeText(text, plain.unsure))
      return inContent(text, kind, pass, bytes);
    pass.places++;
    return [span(0, text.length, mark(''))];
  }
  const content = plain.bytes.toString('latin1');
  const inner = { ...kind, depth: kind.depth + 1 };
  const found =
    kind.depth < mostDepth ? inCoded(content, '', inner, pass) : inContent(content, kind, pass);
  if (found.length === 0) return noSpans;
  const put = plain.compress(Buffer.from(withSpans(content, found), 'latin1')).toString('latin1');
  return [{ ...span(0, text.length, put), isWhole: false }];
}

/** A part in base64, with line ends. It is written anew, with lines as long as its first one. */
function inBase64(content: string, kind: ContentKind, pass: Pass): readonly Span[] {
  const plain = Buffer.from(content, 'base64').toString('latin1');
  const found = inContent(plain, kind, pass);
  if (found.length === 0) return noSpans;
  const encoded = Buffer.from(withSpans(plain, found), 'latin1').toString('base64');
  const width = content.search(/[\r\n]/);
  const lineEnd = content.includes('\r\n') ? '\r\n' : '\n';
  const put = width > 0 ? inLines(encoded, width, lineEnd) : encoded;
  return [{ ...span(0, content.length, put), isWhole: false }];
}

/** `=40` for `@`, and lines that go on behind a `=`. */
function inQuotedPrintable(content: string, kind: ContentKind, pass: Pass): readonly Span[] {
  const places: number[] = [];
  let plain = '';
  for (let at = 0; at < content.length; ) {
    const [whole, digits] = quoted.exec(content.slice(at, at + 3)) ?? [];
    if (whole === undefined || digits !== undefined) {
      places.push(at);
      plain +=
        digits === undefined
          ? content.slice(at, at + 1)
          : String.fromCharCode(Number.parseInt(digits, 16));
    }
    at += whole?.length ?? 1;
  }
  places.push(content.length);
  return inContent(plain, kind, pass).map((each) => ({
    ...each,
    from: places[each.from] ?? content.length,
    to: places[each.to] ?? content.length,
  }));
}

const quoted = /^=(?:([0-9A-Fa-f]{2})|\r?\n)/;

function shifted(found: readonly Span[], by: number, spans: Span[]): void {
  for (const each of found) spans.push({ ...each, from: each.from + by, to: each.to + by });
}
