import type {
  CallFacts,
  Direction,
  Exchange,
  ExchangeError,
  RequestSeen,
  ResponseSeen,
} from '#source';
import { answerBody, requestBody } from './body.ts';
import { headersIn, pseudoHeader } from './headers.ts';
import { amountIn, isObject, kindOf, objectIn, type Raw, textIn } from './shape.ts';
import { type Target, targetOf } from './target.ts';
import { latencyOf, startOf } from './times.ts';

export interface EntryRules {
  /** Bytes of each body that are kept. */
  readonly bodyLimit: number;
  readonly direction: Direction;
  readonly call: CallFacts;
}

/**
 * An entry of a HAR 1.2 as an exchange, whatever wrote it: Chrome, Firefox, Safari, Charles, Fiddler, mitmproxy, Postman. Only what a record cannot do
 * without has to be there: a method, an address, a time. Words: why it is none.
 */
export function exchangeOf(entry: unknown, rules: EntryRules): Exchange | string {
  if (!isObject(entry)) return `expected an object, found ${kindOf(entry)}`;
  const request = entry['request'];
  if (!isObject(request)) return `expected an object in request, found ${kindOf(request)}`;
  const method = textIn(request['method']).trim();
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(method))
    return `expected a method in request.method, found ${kindOf(request['method'])}`;
  const headers = headersIn(request['headers']);
  const named = hostIn(headers) || pseudoHeader(request['headers'], ':authority');
  const target =
    method === 'CONNECT' ? tunnelTo(request, named) : targetOf(textIn(request['url']), named);
  if (typeof target === 'string') return target;
  const startedAt = startOf(entry['startedDateTime']);
  if (startedAt === undefined)
    return `expected a date in startedDateTime, found ${kindOf(entry['startedDateTime'])}`;
  const seen = requestSeen(request, { method, headers, target, named }, rules);
  const answer = objectIn(entry['response']);
  const response = answerSeen(answer, rules);
  const error = response === undefined ? errorOf(entry, answer) : undefined;
  return {
    ...{ source: 'har', direction: rules.direction, startedAt, latency: latencyOf(entry) },
    client: { address: '', port: 0 },
    server: serverOf(entry, target),
    scheme: target.scheme,
    tls:
      target.scheme === 'https'
        ? { version: tlsVersionOf(entry), serverName: target.name, alpn: undefined }
        : undefined,
    isOpaque: method === 'CONNECT',
    ...{ request: seen, response, error, call: rules.call },
    bytesIn:
      (amountIn(request['headersSize']) ?? 0) + (amountIn(request['bodySize']) ?? seen.body.length),
    bytesOut: sentBytes(answer, response),
  };
}

function requestSeen(
  request: Raw,
  of: {
    readonly method: string;
    readonly headers: readonly string[];
    readonly target: Target;
    readonly named: string;
  },
  { bodyLimit }: EntryRules,
): RequestSeen {
  const { method, headers, target, named } = of;
  const { body, rawHeaders } = requestBody(request, headers, bodyLimit);
  return {
    ...{ method, rawHeaders, body },
    target: target.target,
    host: method === 'CONNECT' ? target.host : named || target.host,
    httpVersion: versionIn(request['httpVersion']),
  };
}

/** Undefined: there was none. Its status is 0 then, or it is not there at all. */
function answerSeen(response: Raw, { bodyLimit }: EntryRules): ResponseSeen | undefined {
  const status = Math.floor(amountIn(response['status']) ?? 0);
  if (status < 100 || status > 999) return undefined;
  const { body, rawHeaders } = answerBody(response, headersIn(response['headers']), bodyLimit);
  return {
    ...{ status, rawHeaders, body },
    reason: textIn(response['statusText']).replaceAll(/[\0-\x1f\x7f-\uffff]/g, ''),
    httpVersion: versionIn(response['httpVersion']),
  };
}

/** `CONNECT`: the target is `host:port`. */
function tunnelTo(request: Raw, named: string): Target | string {
  const said = textIn(request['url'])
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/$/, '');
  const target = targetOf(`https://${said || named}`, '');
  if (typeof target === 'string') return target;
  const host = /:\d+$/.test(target.host) ? target.host : `${target.host}:${target.port}`;
  return { ...target, scheme: 'https', host, target: host };
}

function hostIn(rawHeaders: readonly string[]): string {
  const at = rawHeaders.findIndex(
    (name, index) => index % 2 === 0 && name.toLowerCase() === 'host',
  );
  return at < 0 ? '' : (rawHeaders[at + 1] ?? '');
}

/** `HTTP/1.1`, `http/2.0`, `h2`, `h3`, or nothing that says it. */
function versionIn(value: unknown): string {
  const [, digits] = /^(?:http\/|h)(\d(?:\.\d)?)/i.exec(textIn(value).trim()) ?? [];
  if (digits === undefined) return '1.1';
  return digits.length === 1 ? `${digits}.0` : digits;
}

/** Whom the client was connected to. */
function serverOf(entry: Raw, { port }: Target): Exchange['server'] {
  const address = textIn(entry['serverIPAddress']).trim().replaceAll(/[[\]]/g, '');
  return /^[0-9a-f:.]{2,45}$/i.test(address) ? { address, port } : undefined;
}

/** Chrome has it since 2024: `TLS 1.3`. */
function tlsVersionOf(entry: Raw): string | undefined {
  const details = objectIn(
    entry['_securityDetails'] ?? objectIn(entry['response'])['_securityDetails'],
  );
  const [, number] = /^TLS ?v?(1\.\d)$/i.exec(textIn(details['protocol'])) ?? [];
  return number === undefined ? undefined : `TLSv${number}`;
}

function sentBytes(answer: Raw, response: ResponseSeen | undefined): number {
  const sent = amountIn(answer['_transferSize']);
  if (sent !== undefined && sent > 0) return Math.floor(sent);
  const body = amountIn(answer['bodySize']) ?? response?.body.length ?? 0;
  return Math.floor((amountIn(answer['headersSize']) ?? 0) + body);
}

/** Words of browsers for why there was no answer, and ours. */
const errorKinds: readonly (readonly [RegExp, string])[] = [
  [/TIMED?_?OUT|timeout/i, 'timeout'],
  [/REFUSED|UNREACHABLE|NAME_NOT_RESOLVED|UNKNOWN_HOST|NET_OFFLINE|DISCONNECTED/i, 'refused'],
  [/CERT|SSL|TLS/i, 'tls'],
  [/RESET|EMPTY_RESPONSE|CLOSED|INTERRUPT/i, 'reset'],
  [/BLOCKED|CORS|CSP|DENIED/i, 'denied'],
];

function errorOf(entry: Raw, answer: Raw): ExchangeError {
  const said = [
    answer['_error'],
    entry['_error'],
    entry['_blocked_reason'],
    entry['_blockedReason'],
    answer['statusText'],
  ];
  const text = said.map(textIn).find((one) => one !== '') ?? '';
  const [, kind = 'aborted'] = errorKinds.find(([pattern]) => pattern.test(text)) ?? [];
  return { kind, words: 'The client got no answer.' };
}
