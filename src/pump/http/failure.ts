import { explain } from '../../lib/errors.ts';
import { classify } from '../classify.ts';
import type { Failure } from '../verdict.ts';
import { shownUrl } from './address.ts';
import { UnreadableAnswer } from './answer.ts';
import { type Proxy, shownProxy } from './proxy.ts';

/** Whom a request was for. */
export interface Addressee {
  readonly url: URL;
  readonly proxy: Proxy | undefined;
}

/** Why there is no answer. */
export function failureOf(error: unknown, addressee: Addressee, signal: AbortSignal): Failure {
  const where = shownAddressee(addressee);
  if (signal.aborted)
    return { kind: 'timeout', message: `No answer from ${where} before the deadline.` };
  const refused = refusalOfProxy(error, addressee);
  if (refused !== undefined) return refused;
  if (error instanceof UnreadableAnswer || codeOf(error) === 'UND_ERR_HEADERS_OVERFLOW')
    return { kind: 'unexpected', message: `No use in what ${where} says: ${wordsOf(error)}.` };
  const verdict = classify(error);
  const kind = verdict.outcome === 'delivered' ? 'unexpected' : verdict.failure.kind;
  return { kind, message: `No answer from ${where}: ${explain(error)}`, cause: error };
}

const shownAddressee = ({ url, proxy }: Addressee): string =>
  proxy === undefined ? shownUrl(url) : `${shownUrl(url)} through the proxy ${shownProxy(proxy)}`;

/** What the library makes of a proxy that opens no tunnel, or wants to know who asks. */
function refusalOfProxy(error: unknown, { url, proxy }: Addressee): Failure | undefined {
  if (proxy === undefined || !(error instanceof Error)) return undefined;
  const [, status] =
    /^Proxy (?:response|Authentication Required) \((\d+)\)/.exec(error.message) ?? [];
  if (status === undefined) return undefined;
  const refused = `The proxy ${shownProxy(proxy)} refused the way to ${shownUrl(url)} with status ${status}`;
  return status === '407'
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
