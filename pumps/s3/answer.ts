import { type Failure, type FailureKind, kindOfStatus, retry, type Verdict } from '#pump';

/** What is used of an error of the library. */
export interface StoreError {
  /** `SlowDown`, `AccessDenied`. */
  readonly name: string;
  readonly status: number | undefined;
  /** There was no answer; the kit says why. */
  readonly failure: Failure | undefined;
}

const kinds: ReadonlyMap<string, FailureKind> = new Map([
  ['SlowDown', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['TooManyRequests', 'throttled'],
  ['QuotaExceeded', 'throttled'],
  ['ServiceUnavailable', 'unreachable'],
  ['InternalError', 'unreachable'],
  ['RequestTimeout', 'timeout'],
  ['AccessDenied', 'unauthorised'],
  ['AllAccessDisabled', 'unauthorised'],
  ['AccountProblem', 'unauthorised'],
  ['CredentialsProviderError', 'unauthorised'],
  ['ExpiredToken', 'unauthorised'],
  ['InvalidAccessKeyId', 'unauthorised'],
  ['InvalidToken', 'unauthorised'],
  ['SignatureDoesNotMatch', 'unauthorised'],
  ['TokenRefreshRequired', 'unauthorised'],
]);

/** What went wrong with an object. Nothing of it is a record's fault, so all of it is tried again. */
export function failureOf({ name, status, failure }: StoreError): Failure {
  if (failure !== undefined) return failure;
  const known = kinds.get(name);
  const kind = known ?? (status === undefined ? 'unexpected' : kindOf(status));
  const said =
    status === undefined ? `no request was made: ${name}` : `it answered ${status} ${name}`;
  return { kind, message: `The object could not be stored: ${said}.` };
}

/** A body that is too large for a server is not to be halved to single records: an object has a size that S3 takes. */
function kindOf(status: number): FailureKind {
  const kind = kindOfStatus(status);
  return kind === 'oversize' ? 'unexpected' : kind;
}

export const judgeError = (error: StoreError): Verdict => retry(failureOf(error));
