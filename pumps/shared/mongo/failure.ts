import {
  classify,
  explainOutage,
  type Failure,
  type FailureKind,
  type Millis,
  millis,
  reject,
  retry,
  tlsWords,
  type Verdict,
} from '#pump';

/**
 * What the codes of a server mean. Of a document that is refused, `invalid` and `oversize` are its own fault; all others are
 * the server's, and pass.
 */
// biome-ignore format: a table
const kinds: readonly (readonly [FailureKind, readonly number[]])[] = [
  // No primary, a server that shuts down, or one behind it that is away.
  ['unreachable',  [6, 7, 89, 91, 189, 9001, 10058, 10107, 11600, 11602, 13435, 13436]],
  // A limit of time, a lock, members of the set that do not confirm.
  ['timeout',      [24, 46, 50, 64, 100, 202, 262]],
  // Too much is asked of it, another writer is faster, or its disk is full.
  ['throttled',    [112, 16500, 14031]],
  ['unauthorised', [13, 18, 8000]],
  ['oversize',     [10334, 17280, 17419, 17420]],
  // Rules of the collection, its indexes, what is no document.
  ['invalid',      [2, 9, 14, 22, 52, 53, 55, 73, 121, 11000, 11001, 13027, 16755, 16756, 17261, 17262]],
];
const kindOfCode: ReadonlyMap<number, FailureKind> = new Map(
  kinds.flatMap(([kind, codes]) => codes.map((code) => [code, kind] as const)),
);

/** Of a document, or of a request with documents: CosmosDB has no codes of its own for it. */
const tooLarge =
  /Size must be between 0 and|Request size is too large|Resulting document after update is larger than|(?:document|object|BSONObj)[^{]*(?:too large|exceeds max)/i;

/** A refusal of the server as a failure. Its words are cut off where it begins to quote documents. */
export function failureOfCode(code: number, message: string, name = ''): Failure {
  const kind = tooLarge.test(message) ? 'oversize' : (kindOfCode.get(code) ?? 'unexpected');
  const words =
    message
      .split(/[{"'[]/)[0]
      ?.trim()
      .slice(0, 200) ?? '';
  const label = name === '' ? `code ${code}` : `${name}, code ${code}`;
  return { kind, message: `The server refuses: ${words === '' ? label : `${words} (${label})`}` };
}

/** Of what is the request's or the document's own fault, a refusal; all else passes. */
export const verdictOfRefusal = (failure: Failure, message: string): Verdict =>
  failure.kind === 'invalid' || failure.kind === 'oversize'
    ? reject(failure)
    : retry(failure, retryAfterIn(message));

export const isDuplicate = (code: number): boolean => code === 11_000 || code === 11_001;

/** When CosmosDB wants to be asked again. */
export function retryAfterIn(message: string): Millis | undefined {
  const [, after] = /RetryAfterMs=(\d{1,6})\b/.exec(message) ?? [];
  return after === undefined ? undefined : millis(Number(after));
}

/** Those of the driver that say that a server, or a way to it, is missing. */
const unreachable = new Set([
  'MongoServerSelectionError',
  'MongoNetworkError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoTopologyClosedError',
  'MongoServerClosedError',
  'MongoNotConnectedError',
  'MongoClientClosedError',
]);
const late = new Set([
  'MongoNetworkTimeoutError',
  'MongoOperationTimeoutError',
  'MongoWaitQueueTimeoutError',
]);

/** What an error of the driver says about a request: never delivered; `reject` where the request itself is refused. */
export function verdictOfError(error: unknown): Verdict {
  if (!(error instanceof Error)) return classify(error);
  const { code, codeName } = error as { code?: unknown; codeName?: unknown };
  if (isFromServer(error)) {
    const failure = failureOfCode(
      typeof code === 'number' ? code : 0,
      error.message,
      typeof codeName === 'string' ? codeName : '',
    );
    return verdictOfRefusal(failure, error.message);
  }
  if (tlsWords(error) !== undefined)
    return retry({ kind: 'unexpected', message: withOwnNames(explainOutage(error)), cause: error });
  if (late.has(error.name)) return retry({ kind: 'timeout', message: error.message, cause: error });
  if (unreachable.has(error.name))
    return retry({ kind: 'unreachable', message: error.message, cause: error });
  return classify(error);
}

/** Whether what failed was the way or the moment, and not the request. */
export const isPassing = (verdict: Verdict): boolean =>
  verdict.outcome === 'retry' &&
  ['unreachable', 'timeout', 'throttled'].includes(verdict.failure.kind);

/** The words name the options that other pumps have. */
const withOwnNames = (text: string): string =>
  text
    .replaceAll('ssl_cert_file and ssl_key_file', 'mongo_ssl_pem_keyfile')
    .replaceAll(/\bssl_ca_file/g, 'mongo_ssl_ca_file');

const isFromServer = ({ name }: Error): boolean =>
  name === 'MongoServerError' || name === 'MongoWriteConcernError';
