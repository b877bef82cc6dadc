import { explain, type Failure, type FailureKind } from '#pump';
import { sqliteCode } from '#traffic';
import { verdictOf as fileVerdictOf } from '../shared/files/failure.ts';

/** By the beginning of SQLite’s word. All of them can end, so none gives a record up. */
const kinds: readonly (readonly [string, FailureKind])[] = [
  ['SQLITE_FULL', 'throttled'],
  ['SQLITE_BUSY', 'throttled'],
  ['SQLITE_LOCKED', 'throttled'],
  ['SQLITE_READONLY', 'unauthorised'],
  ['SQLITE_PERM', 'unauthorised'],
  ['SQLITE_AUTH', 'unauthorised'],
];

/** Why the store did not take records; undefined: not for a reason that it or the file system gives. */
export function failureOf(error: unknown): Failure | undefined {
  const code = sqliteCode(error);
  if (code !== '') {
    const [, kind = 'unreachable' as const] = kinds.find(([word]) => code.startsWith(word)) ?? [];
    return { kind, message: `SQLite: ${explain(error)}`, cause: error };
  }
  const isOfFiles = error instanceof Error && 'code' in error && 'syscall' in error;
  const verdict = isOfFiles ? fileVerdictOf(error) : undefined;
  return verdict === undefined || verdict.outcome === 'delivered' ? undefined : verdict.failure;
}
