import { delivered, type Failure, judgeStatus, retry, type Said, type Verdict } from '#pump';
import { AllStored } from './all-stored.ts';
import type { Answer } from './client.ts';
import { firstMember, member, text } from './json.ts';
import { judgeRefusal, type ServerError, serverErrorOf } from './refusal.ts';

/** What a request was. */
export interface Sent {
  readonly count: number;
  /** It had all records of the batch. */
  readonly isWholeBatch: boolean;
  /** The ids are our record ids: a document that is there already is this very record. */
  readonly hasOurIds: boolean;
  /** The id each document was sent with; undefined: the server makes them. */
  readonly idAt: ((at: number) => string) | undefined;
}

/**
 * Whether an answer says that some document was not stored, and of whom it speaks by their order alone. Then it is to be
 * asked for with ids. An answer about one document needs none.
 */
export function isAnonymous({ status, body }: Answer, { count, idAt }: Sent): boolean {
  if (idAt === undefined || count === 1 || !isSuccess(status)) return false;
  const items = body instanceof AllStored ? [] : member(body, 'items');
  return (
    Array.isArray(items) &&
    items.length === count &&
    !items.every(isStored) &&
    items.some((item) => idOf(item) === undefined)
  );
}

/** What a bulk request's answer says: of all its records, or of each in their order. */
export function judgeBulk(answer: Answer, sent: Sent): Said {
  const { count } = sent;
  if (!isSuccess(answer.status)) return judgeWhole(answer, sent);
  const { body } = answer;
  if (body instanceof AllStored && body.count === count) return delivered();
  const items = member(body instanceof AllStored ? body.parse() : body, 'items');
  if (!Array.isArray(items)) return malformed('has no items');
  // Which records the missing answers belong to cannot be known.
  if (items.length !== count) return malformed(`has ${items.length} items for ${count} records`);
  const stranger = strangeness(items, sent);
  if (stranger !== undefined) return malformed(stranger);
  return items.map((item: unknown) => judgeItem(item, sent));
}

/**
 * Why the items are not, one by one, about our documents. What is said of others, or in another order, must never count
 * as ours. Where all went well the order does not matter, and ids were not asked for.
 */
function strangeness(items: readonly unknown[], { count, idAt }: Sent): string | undefined {
  if (idAt === undefined) return undefined;
  const ids = items.map(idOf);
  if (ids.some((id, at) => id !== undefined && id !== idAt(at)))
    return 'is about other documents, or about ours in another order';
  const isOpen = count > 1 && ids.includes(undefined) && !items.every(isStored);
  return isOpen ? 'does not say which documents it is about' : undefined;
}

const isStored = (item: unknown): boolean => {
  const status = member(firstMember(item), 'status');
  return typeof status === 'number' && isSuccess(status);
};

const idOf = (item: unknown): string | undefined => text(member(firstMember(item), '_id'));

/** The verdict of a request for a single document. */
export function judgeSingle(answer: Answer, sent: Sent): Verdict {
  const { status, body } = answer;
  if (!isSuccess(status))
    return judgeConflict(status, serverErrorOf(body), sent) ?? judgeWhole(answer, sent);
  const id = text(member(body, '_id'));
  if (id === undefined) return malformed('names no document');
  const ours = sent.idAt?.(0);
  // Some servers say it as it stands in the path.
  const isOurs = ours === undefined || id === ours || id === encodeURIComponent(ours);
  return isOurs ? delivered() : malformed('is about another document');
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
  // One record spoiled it for all. The courier looks for it where the request was the batch, so a part comes again as a
  // batch of its own.
  const isForCourier = isWholeBatch || count === 1;
  return isAboutRecords && isForCourier ? verdict : retry(unexpected(verdict.failure));
}

const unexpected = ({ message }: Failure): Failure => ({ kind: 'unexpected', message });

const malformed = (what: string): Verdict =>
  retry({ kind: 'unexpected', message: `The server's answer ${what}.` });

const isSuccess = (status: number): boolean => status >= 200 && status < 300;
