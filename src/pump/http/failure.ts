import { classify, explainOutage } from '../classify.ts';
import type { Failure } from '../verdict.ts';
import { shownUrl } from './address.ts';
import type { HttpAnswer } from './answer.ts';
import { UnreadableAnswer } from './exchange.ts';
import { type Proxy, shownProxy } from './proxy.ts';
import { ProxyRefusal } from './tunnel.ts';

/** Whom a request was for. */
export interface Addressee {
  readonly url: URL;
  readonly proxy: Proxy | undefined;
  /** It has answered before: the address is right. */
  readonly isKnown: boolean;
}

/** Why there is no answer. */
export function failureOf(error: unknown, addressee: Addressee, signal: AbortSignal): Failure {
  const where = shownAddressee(addressee);
  if (signal.aborted)
    return { kind: 'timeout', message: `No answer from ${where} before the deadline.` };
  const refused = refusalOfProxy(error, addressee);
  if (refused !== undefined) return refused;
  if (error instanceof UnreadableAnswer || codeOf(error) === 'HPE_HEADER_OVERFLOW')
    return { kind: 'unexpected', message: `No use in what ${where} says: ${wordsOf(error)}.` };
  const verdict = classify(error);
  const kind = verdict.outcome === 'delivered' ? 'unexpected' : verdict.failure.kind;
  return { kind, message: `No answer from ${where}: ${reasonOf(error, addressee)}.`, cause: error };
}

/** How servers with TLS answer to HTTP without: with an alert, which is no HTTP, with nothing, or with a page. */
const tlsHint = 'with TLS its address begins with https://';
const tlsPages =
  /plain HTTP request was sent to HTTPS port|sent an HTTP request to an HTTPS server|speaking plain HTTP to an SSL-enabled/i;

function reasonOf(error: unknown, { url, isKnown }: Addressee): string {
  const reason = explainOutage(error).replace(/\.$/, '');
  if (url.protocol === 'https:' || isKnown) return reason;
  if (String(codeOf(error)).startsWith('HPE_')) return `it speaks no HTTP; ${tlsHint}`;
  return reason === 'other side closed'
    ? `it ended the connection without a word; ${tlsHint}`
    : reason;
}

/** Answers that say of the address that it is the wrong one. */
export function wrongAddress(
  { status, headers, body }: HttpAnswer,
  { url }: Pick<Addressee, 'url'>,
): Failure | undefined {
  const where = shownUrl(url);
  if (url.protocol === 'http:' && status === 400 && tlsPages.test(body))
    return {
      kind: 'unexpected',
      message: `${where} speaks TLS: its address begins with https://.`,
    };
  const to = String(headers['location'] ?? '');
  const isMoved = status >= 301 && status <= 308 && status !== 304 && to !== '';
  if (!isMoved || !URL.canParse(to, url.href)) return undefined;
  const other = shownUrl(new URL(to, url));
  return {
    kind: 'unexpected',
    message: `${where} answered ${status} and sends to ${other === where ? 'another path' : other}: name the address that takes requests itself.`,
  };
}

const shownAddressee = ({ url, proxy }: Pick<Addressee, 'url' | 'proxy'>): string =>
  proxy === undefined ? shownUrl(url) : `${shownUrl(url)} through the proxy ${shownProxy(proxy)}`;

/** A proxy that does not open the way. */
function refusalOfProxy(error: unknown, { url, proxy }: Addressee): Failure | undefined {
  if (proxy === undefined || !(error instanceof ProxyRefusal)) return undefined;
  const refused = `The proxy ${shownProxy(proxy)} refused the way to ${shownUrl(url)} with status ${error.status}`;
  return error.status === 407
    ? {
        kind: 'unauthorised',
        message: `${refused}: it wants a user and a password, or other ones.`,
      }
    : { kind: 'unreachable', message: `${refused}.` };
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;

const wordsOf = (error: unknown): string =>
  error instanceof UnreadableAnswer ? error.message : 'its headers have more than 16 KiB';
