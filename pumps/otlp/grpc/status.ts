import { type FailureKind, type Millis, millis, reject, retry, type Verdict } from '#pump';
import { readMessage } from '../read-proto.ts';

/** How a call of gRPC ended. */
export interface CallEnd {
  readonly status: number;
  /** Only looked at for what this library of the receiver's says of sizes, never shown. */
  readonly message: string;
  /** `grpc-status-details-bin`: base64 of a `google.rpc.Status`. */
  readonly details: string;
}

interface Meaning {
  readonly name: string;
  readonly kind: FailureKind;
}

/** Statuses other than OK, by number. */
const meanings: Readonly<Record<number, Meaning>> = {
  1: { name: 'CANCELLED', kind: 'unreachable' },
  2: { name: 'UNKNOWN', kind: 'unexpected' },
  3: { name: 'INVALID_ARGUMENT', kind: 'invalid' },
  4: { name: 'DEADLINE_EXCEEDED', kind: 'timeout' },
  5: { name: 'NOT_FOUND', kind: 'unexpected' },
  6: { name: 'ALREADY_EXISTS', kind: 'unexpected' },
  7: { name: 'PERMISSION_DENIED', kind: 'unauthorised' },
  8: { name: 'RESOURCE_EXHAUSTED', kind: 'throttled' },
  9: { name: 'FAILED_PRECONDITION', kind: 'unexpected' },
  10: { name: 'ABORTED', kind: 'unreachable' },
  11: { name: 'OUT_OF_RANGE', kind: 'unexpected' },
  12: { name: 'UNIMPLEMENTED', kind: 'unexpected' },
  13: { name: 'INTERNAL', kind: 'unexpected' },
  14: { name: 'UNAVAILABLE', kind: 'unreachable' },
  15: { name: 'DATA_LOSS', kind: 'unexpected' },
  16: { name: 'UNAUTHENTICATED', kind: 'unauthorised' },
};

const invalidArgument = 3;
const exhausted = 8;

/** What it means for each of `count` records of a request that was refused. */
export function judgeCall({ status, message: said, details }: CallEnd, count: number): Verdict {
  const { name, kind } = meanings[status] ?? {
    name: 'no status that there is',
    kind: 'unexpected',
  };
  const message = `The receiver answered ${status} (${name}).`;
  if (status === invalidArgument) return reject({ kind, message });
  const after = retryDelayOf(details);
  // Libraries say so of a message that is larger than they read; with a delay it is the receiver that has too much to do.
  if (status === exhausted && after === undefined && /larger than max/i.test(said))
    return count > 1 ? retry({ kind: 'oversize', message }) : reject({ kind: 'oversize', message });
  return retry({ kind, message }, after);
}

/** `Status { 3: Any { 1: type, 2: RetryInfo { 1: Duration { 1: seconds, 2: nanos } } } }`, where the last detail is that. */
function retryDelayOf(details: string): Millis | undefined {
  const any = within(Buffer.from(details, 'base64'), 3);
  const type = any && readMessage(any)?.get(1);
  if (any === undefined || !(type instanceof Uint8Array)) return undefined;
  if (!Buffer.from(type).toString('latin1').endsWith('/google.rpc.RetryInfo')) return undefined;
  const info = within(any, 2);
  const duration = info && within(info, 1);
  const fields = duration && readMessage(duration);
  if (fields === undefined) return undefined;
  const [seconds, nanos] = [Number(fields.get(1) ?? 0n), Number(fields.get(2) ?? 0n)];
  return Number.isFinite(seconds + nanos) ? millis(seconds * 1_000 + nanos / 1e6) : undefined;
}

function within(message: Uint8Array, field: number): Uint8Array | undefined {
  const found = readMessage(message)?.get(field);
  return found instanceof Uint8Array ? found : undefined;
}
