import { addressesIn, addressHeaders } from './ip.ts';
import { isMark } from './marks.ts';
import { nameKind } from './names.ts';
import { plainName } from './parameters.ts';
import { type Pass, placed, remember } from './plan.ts';
import { type Span, span } from './spans.ts';

/** A header, its lines that go on in the next one included. */
export interface Header {
  /** Of the line; `to` is behind its line end. */
  readonly from: number;
  readonly to: number;
  /** In lower case. */
  readonly name: string;
  /** Whether it is one of a secret. */
  readonly isSecret: boolean;
  /** The value, without the space around it. */
  readonly valueFrom: number;
  readonly valueTo: number;
}

const startLine = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40} [^\r\n]* HTTP\/\d/;

/** How HTTP/2 names what stands in a start line. */
const pseudoHeader = /^:(?:method|path|status|scheme|authority):/;

export const isMessage = (text: string): boolean =>
  text.startsWith('HTTP/') || pseudoHeader.test(text) || startLine.test(firstLine(text));

/** Bytes up to the first empty line, with that; all of them where there is none. */
export function headSize(bytes: Uint8Array): number {
  let line = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0x0a) continue;
    if (at === line || (at === line + 1 && bytes[line] === 0x0d)) return at + 1;
    line = at + 1;
  }
  return bytes.length;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

/** The headers in text[from …), line by line; what is no header is passed over. */
export function headersIn(text: string, from: number): readonly Header[] {
  const headers: Header[] = [];
  let colon = -1;
  for (let at = from; at < text.length; ) {
    let lineEnd = text.indexOf('\n', at);
    if (lineEnd < 0) lineEnd = text.length;
    // A line that begins with a space goes on with the one before.
    while (isBlank(text.charCodeAt(lineEnd + 1))) {
      const next = text.indexOf('\n', lineEnd + 1);
      lineEnd = next < 0 ? text.length : next;
    }
    if (colon < at) colon = text.indexOf(':', at);
    if (colon > at && colon < lineEnd) {
      let valueFrom = colon + 1;
      let valueTo = lineEnd;
      while (valueFrom < valueTo && text.charCodeAt(valueFrom) <= 0x20) valueFrom++;
      while (valueTo > valueFrom && text.charCodeAt(valueTo - 1) <= 0x20) valueTo--;
      const { name, isSecret } = headerName(text.slice(at, colon));
      headers.push({
        from: at,
        to: Math.min(lineEnd + 1, text.length),
        name,
        isSecret,
        valueFrom,
        valueTo,
      });
    } else if (colon < 0) break;
    at = lineEnd + 1;
  }
  return headers;
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

/** The values of all headers of a name. */
export function valueOf(text: string, headers: readonly Header[], name: string): string {
  let all = '';
  for (const header of headers) {
    if (header.name !== name) continue;
    const value = text.slice(header.valueFrom, header.valueTo);
    all = all === '' ? value : `${all}, ${value}`;
  }
  return all;
}

interface Name {
  readonly name: string;
  readonly isSecret: boolean;
}

/** What names are, by how they were written. */
const names = new Map<string, Name>();
const mostNames = 2_048;

/** What the name of a header is, as it was written. */
export function headerName(written: string): Name {
  const known = names.get(written);
  if (known !== undefined) return known;
  const name = written.trim().toLowerCase();
  const isSecret = isSecretName(name);
  // Names come from records, so that there may be any number of them.
  if (names.size >= mostNames) names.clear();
  if (written.length <= longestName) names.set(written, { name, isSecret });
  return { name, isSecret };
}

function isSecretName(name: string): boolean {
  if (harmless.has(name) || !token.test(name)) return false;
  if (vendors.has(name) || (name.endsWith('-key') && !harmlessKey.test(name))) return true;
  const kind = nameKind(name);
  return kind === 'secret' || kind === 'password' || kind === 'plural';
}

const longestName = 128;
/** Anything else is no header, but a text with a colon. */
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Headers whose names have such words, and no secrets. */
const harmless = new Set(['sec-websocket-key', 'sec-websocket-accept', 'www-authenticate']);

/** Keys of other things than doors: whatever else a vendor calls one is a secret in a header (`Fastly-Key`). */
const harmlessKey =
  /(?:idempotency|surrogate|cache|routing|partition|sort|deduplication|correlation|public|primary|foreign|message|object|group|ordering|grouping|translation|feature|ratelimit|limit|shard|hash)-key$/;

/** Secrets whose names do not say so. */
const vendors = new Set([
  'dpop',
  'x-jfrog-art-api',
  'x-ms-client-principal',
  'x-amzn-oidc-data',
  'x-forwarded-client-cert',
  'x-honeycomb-team',
]);

/** What is redacted of headers for their names. */
export function redactHeaders(
  text: string,
  headers: readonly Header[],
  pass: Pass,
  spans: Span[],
): void {
  const { plan } = pass;
  for (const header of headers) {
    const { name, isSecret, valueFrom, valueTo } = header;
    if (valueTo === valueFrom) continue;
    if (plan.headers.has(name)) whole(text, header, pass, spans);
    else if (name === 'cookie' || name === 'cookie2') cookies(text, header, pass, spans);
    else if (name === 'set-cookie' || name === 'set-cookie2') setCookie(text, header, pass, spans);
    else if (plan.secrets && isSecret) whole(text, header, pass, spans);
    else if (plan.ip !== undefined && addressHeaders.has(name))
      addresses(text, header, pass, spans);
  }
}

const scheme =
  /^(?:bearer|basic|digest|token|apikey|api-key|negotiate|ntlm|hawk|dpop|hoba|mac|oauth|sharedkey|sharedkeylite|aws4-hmac-sha256|aws4-ecdsa-p256-sha256|scram-sha-256|key|jwt|splunk|signature|gnap|privatetoken|vapid|aws|apikey-v1)[ \t]+(?=\S)/i;

function whole(text: string, header: Header, pass: Pass, spans: Span[]): void {
  const { valueFrom, valueTo } = header;
  const value = text.slice(valueFrom, valueTo);
  const kept = scheme.exec(value)?.[0].length ?? 0;
  const secret = value.slice(kept);
  if (isMark(secret)) return;
  const put = placed(pass, secret);
  if (/[\r\n]/.test(secret)) remember(pass, secret.replaceAll(/\r?\n[ \t]+/g, ' '), put);
  if (/^basic/i.test(value)) rememberLogin(secret, pass);
  spans.push(
    pass.plan.isRemoving ? span(header.from, header.to, '') : span(valueFrom + kept, valueTo, put),
  );
}

function rememberLogin(login: string, pass: Pass): void {
  const plain = Buffer.from(login, 'base64').toString('latin1');
  const colon = plain.indexOf(':');
  if (colon < 0 || !/^[\x20-\x7e\x80-\xff]+$/.test(plain)) return;
  const password = plain.slice(colon + 1);
  remember(pass, plain, pass.plan.mark(plain));
  remember(pass, password, pass.plan.mark(password));
}

/** `a=1; b=2` */
function cookies(text: string, header: Header, pass: Pass, spans: Span[]): void {
  const { plan } = pass;
  if (!plan.secrets && plan.cookies.size === 0) return;
  if (plan.secrets && plan.isRemoving) {
    for (const pair of pairsOf(text, header)) noteCookie(text, pair, pass);
    spans.push(span(header.from, header.to, ''));
    return;
  }
  for (const pair of pairsOf(text, header)) {
    if (!plan.secrets && !plan.cookies.has(pair.name)) continue;
    const put = noteCookie(text, pair, pass);
    if (put === undefined) continue;
    if (plan.isRemoving) spans.push({ ...span(pair.from, pair.to, ''), separator: ';' });
    else spans.push(span(pair.valueFrom, pair.to, put));
  }
}

/** `name=value; Path=/; …`: what follows the first pair says how long it lives and where. Some join several by commas. */
function setCookie(text: string, header: Header, pass: Pass, spans: Span[]): void {
  const { plan } = pass;
  const value = text.slice(header.valueFrom, header.valueTo);
  const begins = [
    0,
    ...Array.from(value.matchAll(/,(?=\s*[^\s=;,]+=)/g), ({ index }) => index + 1),
  ];
  const noted = begins.flatMap((begin) => {
    const [pair] = pairsOf(text, { ...header, valueFrom: header.valueFrom + begin }, 1);
    if (pair === undefined || !(plan.secrets || plan.cookies.has(pair.name))) return [];
    const put = noteCookie(text, pair, pass);
    return put === undefined ? [] : [span(pair.valueFrom, pair.to, put)];
  });
  if (noted.length > 0 && plan.isRemoving) spans.push(span(header.from, header.to, ''));
  else spans.push(...noted);
}

interface Pair {
  readonly from: number;
  readonly name: string;
  readonly valueFrom: number;
  readonly to: number;
}

function pairsOf(text: string, { valueFrom, valueTo }: Header, most = Infinity): readonly Pair[] {
  const pairs: Pair[] = [];
  for (let at = valueFrom; at < valueTo && pairs.length < most; ) {
    let end = at;
    let equals = -1;
    while (end < valueTo && text.charCodeAt(end) !== 0x3b) {
      if (equals < 0 && text.charCodeAt(end) === 0x3d) {
        equals = end;
        end = quotedEnd(text, end + 1, valueTo) - 1;
      }
      end++;
    }
    let from = at;
    let to = end;
    while (from < to && text.charCodeAt(from) <= 0x20) from++;
    while (to > from && text.charCodeAt(to - 1) <= 0x20) to--;
    if (to > from) {
      const name = equals < 0 ? '' : plainName(text.slice(from, equals).trim());
      pairs.push({ from, name, valueFrom: equals < 0 ? from : equals + 1, to });
    }
    at = end + 1;
  }
  return pairs;
}

/** Behind a value in quotes, which may hold what ends others; `from` where it has none. */
function quotedEnd(text: string, from: number, to: number): number {
  if (text.charCodeAt(from) !== 0x22) return from;
  const close = text.indexOf('"', from + 1);
  return close < 0 || close >= to ? from : close + 1;
}

function noteCookie(text: string, pair: Pair, pass: Pass): string | undefined {
  const value = text.slice(pair.valueFrom, pair.to);
  if (value === '' || isMark(value)) return undefined;
  const bare = /^"(.*)"$/s.exec(value)?.[1] ?? value;
  const put = placed(pass, bare);
  if (bare.includes('%'))
    remember(
      pass,
      bare.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 16)),
      ),
      put,
    );
  return put;
}

function addresses(text: string, header: Header, pass: Pass, spans: Span[]): void {
  const { ip } = pass.plan;
  if (ip === undefined) return;
  addressesIn(text.slice(header.valueFrom, header.valueTo), (from, to, address) => {
    const put = ip(address);
    if (put !== address) spans.push(span(header.valueFrom + from, header.valueFrom + to, put));
  });
}
