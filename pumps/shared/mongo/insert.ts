import {
  type ByteWriter,
  delivered,
  type Entry,
  reject,
  retry,
  type Said,
  type Verdict,
} from '#pump';
import type { InsertAnswer, MongoDatabase, RefusedDocument } from './client.ts';
import { Documents } from './documents.ts';
import { failureOfCode, isDuplicate, verdictOfError, verdictOfRefusal } from './failure.ts';

/** An insert: the documents as bytes, and where each begins. */
export interface Insert {
  readonly collection: string;
  readonly entries: readonly Entry[];
  readonly out: ByteWriter;
  readonly starts: readonly number[];
}

/**
 * Inserts, and says what became of each record. What the server says of a request as a whole, or of the way to it, is said
 * of all. Of an error of one document its place and its code are believed: how many were stored, some servers count wrong.
 */
export async function insertAll(
  database: MongoDatabase,
  insert: Insert,
  signal: AbortSignal,
): Promise<Said> {
  const { collection, entries, out } = insert;
  let answer: InsertAnswer;
  try {
    answer = await database.insert(collection, out.view(), signal);
  } catch (error) {
    return verdictOfError(error);
  }
  const verdicts: Verdict[] = entries.map(() => delivered());
  const doubtful: RefusedDocument[] = [];
  for (const refused of answer.refused) {
    if (verdicts[refused.index] === undefined)
      return retry({
        kind: 'unexpected',
        message: 'The server speaks of documents that it was not sent.',
      });
    if (!isDuplicate(refused.code)) verdicts[refused.index] = verdictOf(refused);
    else if (!isOfId(refused)) doubtful.push(refused);
  }
  if (doubtful.length === 0) return verdicts;
  return judgeDoubtful(database, insert, { verdicts, doubtful }, signal);
}

const verdictOf = ({ code, message }: RefusedDocument): Verdict =>
  verdictOfRefusal(failureOfCode(code, message), message);

/** Whether a document of that id is there already: this one, from an attempt before. */
function isOfId({ keyPattern, message }: RefusedDocument): boolean {
  if (keyPattern !== undefined) return Object.keys(keyPattern).join() === '_id';
  return /\bindex: (?:\S+\.\$)?_id_?(?:\s|$)/.test(message);
}

/**
 * A unique index of the operator's has such a document, or the server does not say which index it was: the record was
 * stored before if its id is there.
 */
async function judgeDoubtful(
  database: MongoDatabase,
  { collection, out, starts }: Insert,
  { verdicts, doubtful }: { verdicts: Verdict[]; doubtful: readonly RefusedDocument[] },
  signal: AbortSignal,
): Promise<Said> {
  const ids = doubtful.map(({ index }) => Documents.idIn(out.view().subarray(starts[index])));
  let areThere: readonly boolean[];
  try {
    areThere = await database.which(collection, ids, signal);
  } catch (error) {
    const verdict = verdictOfError(error);
    areThere = [];
    for (const { index } of doubtful)
      verdicts[index] = verdict.outcome === 'reject' ? retry(verdict.failure) : verdict;
    return verdicts;
  }
  for (const [at, { index, message }] of doubtful.entries())
    if (areThere[at] !== true) verdicts[index] = reject(duplicateOf(message));
  return verdicts;
}

const duplicateOf = (message: string) =>
  ({
    kind: 'invalid',
    message: `A unique index of the collection${indexIn(message)} has a document like this one.`,
  }) as const;

function indexIn(message: string): string {
  const [, name] = /\bindex: (?:\S+\.\$)?([\w.-]{1,100})/.exec(message) ?? [];
  return name === undefined ? '' : `, ${name},`;
}
