import { delivered, type Failure, retry, type Verdict } from '#pump';
import type { Answer } from './client.ts';
import { firstMember, member } from './json.ts';
import { judgeRefusal, type ServerError, serverErrorOf } from './refusal.ts';

/** What the documents' ids say about a conflict. */
export interface Ids {
  /** The ids are our record ids: a document that is there already is this very record. */
  readonly areOurs: boolean;
}

/** The verdicts of a bulk request for `count` records, in their order. */
export function judgeBulk(answer: Answer, count: number, ids: Ids): readonly Verdict[] {
  if (!isSuccess(answer.status)) return repeated(judgeWhole(answer, count), count);
  const items = member(answer.body, 'items');
  if (!Array.isArray(items)) return repeated(malformed('has no items'), count);
  // Which records the missing answers belong to cannot be known.
  if (items.length !== count)
    return repeated(malformed(`has ${items.length} items for ${count} records`), count);
  return items.map((item: unknown) => judgeItem(item, ids));
}

/** The verdict of a request for a single document. */
export function judgeSingle(answer: Answer, ids: Ids): Verdict {
  const { status, body } = answer;
  if (!isSuccess(status))
    return judgeConflict(status, serverErrorOf(body), ids) ?? judgeWhole(answer, 1);
  return member(body, '_id') === undefined ? malformed('names no document') : delivered();
}

function judgeItem(item: unknown, ids: Ids): Verdict {
  const result = firstMember(item);
  const status = member(result, 'status');
  if (typeof status !== 'number') return malformed('has an item without a status');
  if (isSuccess(status)) return delivered();
  const error = serverErrorOf(result);
  return judgeConflict(status, error, ids) ?? judgeRefusal({ status, error });
}

/**
 * "It is there already": delivered where the id says that it is this record. With any other id it may be another
 * record, and to call that delivered would be to lose one.
 */
function judgeConflict(
  status: number,
  error: ServerError | undefined,
  { areOurs }: Ids,
): Verdict | undefined {
  const isConflict =
    status === 409 &&
    (error === undefined || /version_?conflict|document_?already_?exists/i.test(error.type));
  return isConflict && areOurs ? delivered() : undefined;
}

function judgeWhole({ status, body, retryAfter }: Answer, count: number): Verdict {
  const error = serverErrorOf(body);
  const verdict = judgeRefusal({ status, error, retryAfter });
  if (verdict.outcome !== 'reject') return verdict;
  // One part of a batch is too large, or the one record is: the courier halves the one and gives up the other.
  if (verdict.failure.kind === 'oversize') return count > 1 ? retry(verdict.failure) : verdict;
  // A proxy's page or a wrong address says nothing about the records.
  return status === 400 && error !== undefined ? verdict : retry(unexpected(verdict.failure));
}

const unexpected = ({ message }: Failure): Failure => ({ kind: 'unexpected', message });

const malformed = (what: string): Verdict =>
  retry({ kind: 'unexpected', message: `The server's answer ${what}.` });

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const repeated = (verdict: Verdict, count: number): readonly Verdict[] =>
  new Array<Verdict>(count).fill(verdict);
