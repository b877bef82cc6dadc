import { delivered, type Failure, judgeStatus, retry, type Verdict } from '#pump';
import { AllStored } from './all-stored.ts';
import type { Answer } from './client.ts';
import { firstMember, member } from './json.ts';
import { judgeRefusal, type ServerError, serverErrorOf } from './refusal.ts';

/** What a request was. */
export interface Sent {
  readonly count: number;
  /** It had all records of the batch. */
  readonly isWholeBatch: boolean;
  /** The ids are our record ids: a document that is there already is this very record. */
  readonly hasOurIds: boolean;
}

/** The verdicts of a bulk request, in the order of its records. */
export function judgeBulk(answer: Answer, sent: Sent): readonly Verdict[] {
  const { count } = sent;
  if (!isSuccess(answer.status)) return repeated(judgeWhole(answer, sent), count);
  const { body } = answer;
  if (body instanceof AllStored && body.count === count) return repeated(delivered(), count);
  const items = member(body instanceof AllStored ? body.parse() : body, 'items');
  if (!Array.isArray(items)) return repeated(malformed('has no items'), count);
  // Which records the missing answers belong to cannot be known.
  if (items.length !== count)
    return repeated(malformed(`has ${items.length} items for ${count} records`), count);
  return items.map((item: unknown) => judgeItem(item, sent));
}

/** The verdict of a request for a single document. */
export function judgeSingle(answer: Answer, sent: Sent): Verdict {
  const { status, body } = answer;
  if (!isSuccess(status))
    return judgeConflict(status, serverErrorOf(body), sent) ?? judgeWhole(answer, sent);
  return member(body, '_id') === undefined ? malformed('names no document') : delivered();
}

function judgeItem(item: unknown, sent: Sent): Verdict {
  const result = firstMember(item);
  const status = member(result, 'status');
  if (typeof status !== 'number') return malformed('has an item without a status');
  if (isSuccess(status)) return delivered();
  const error = serverErrorOf(result);
  return judgeConflict(status, error, sent) ?? judgeRefusal({ status, error });
}

/**
 * "It is there already": delivered where the id says that it is this record. With any other id it may be another
 * record, and to call that delivered would be to lose one.
 */
function judgeConflict(
  status: number,
  error: ServerError | undefined,
  { hasOurIds }: Sent,
): Verdict | undefined {
  const isConflict =
    status === 409 &&
    (error === undefined || /version_?conflict|document_?already_?exists/i.test(error.type));
  return isConflict && hasOurIds ? delivered() : undefined;
}

function judgeWhole(answer: Answer, { count, isWholeBatch }: Sent): Verdict {
  const { status, retryAfter, proxy } = answer;
  const error = serverErrorOf(answer.body);
  const verdict = judgeRefusal({ status, error, retryAfter, proxy });
  if (verdict.outcome !== 'reject') return verdict;
  if (verdict.failure.kind === 'oversize')
    return judgeStatus(answer, { count, message: verdict.failure.message });
  // A proxy's page or a wrong address says nothing about the records.
  const isAboutRecords = status === 400 && error !== undefined;
  // One record spoiled it for all. The courier looks for it where a whole batch is rejected, so a part comes again
  // as a batch of its own.
  const isForCourier = isWholeBatch || count === 1;
  return isAboutRecords && isForCourier ? verdict : retry(unexpected(verdict.failure));
}

const unexpected = ({ message }: Failure): Failure => ({ kind: 'unexpected', message });

const malformed = (what: string): Verdict =>
  retry({ kind: 'unexpected', message: `The server's answer ${what}.` });

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const repeated = (verdict: Verdict, count: number): readonly Verdict[] =>
  new Array<Verdict>(count).fill(verdict);
