import { classify, type FailureKind } from '#pump';
import type { Judgement } from './driver.ts';

/** Number of an error that the server sent; undefined where it was the connection. */
export function errnoOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { errno, sqlState } = error as { readonly errno?: unknown; readonly sqlState?: unknown };
  return typeof errno === 'number' && typeof sqlState === 'string' ? errno : undefined;
}

/** Waited too long for a lock, deadlock, too many at once, given up. */
const ofLocks = new Set([1205, 1213, 1040, 1203, 1226, 1317, 1969, 3024]);
/** Read-only, shutting down, killed. */
const ofSession = new Set([1290, 1792, 1836, 1053, 1927, 3100]);
const ofRights = new Set([1044, 1045, 1142, 1143, 1227, 1370, 1698, 4151]);
/** No such table or column. */
const ofTables = new Set([1146, 1054, 1136]);
/** More than the server takes at once. */
const ofSize = new Set([1153, 1301]);
const ofDisk = new Set([1021, 1114, 1030, 1041]);

export function judgeMysql(error: unknown): Judgement {
  const errno = errnoOf(error);
  if (errno === undefined) {
    const verdict = classify(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isLost = code.startsWith('PROTOCOL_') || /closed state/.test(String(error));
    return {
      outcome: 'retry',
      failure:
        verdict.outcome !== 'retry' || isLost
          ? { kind: 'unreachable', message: 'The connection to MySQL was lost.', cause: error }
          : verdict.failure,
      endsSession: true,
    };
  }
  const { sqlState, message } = error as { readonly sqlState: string; readonly message: string };
  // Some messages repeat what was to be stored, in quotes.
  const words = `MySQL ${errno}: ${message.replaceAll(/value: '.*?' for/gsu, 'value for').replaceAll(/entry '.*?' for/gsu, 'entry for')}`;
  const failure = (kind: FailureKind) => ({ kind, message: words, cause: undefined });
  if (ofLocks.has(errno)) return { outcome: 'retry', failure: failure('throttled') };
  if (ofSession.has(errno))
    return { outcome: 'retry', failure: failure('unreachable'), endsSession: true };
  if (ofRights.has(errno)) return { outcome: 'retry', failure: failure('unauthorised') };
  if (ofTables.has(errno))
    return { outcome: 'retry', failure: failure('unexpected'), isAboutTables: true };
  if (ofDisk.has(errno)) return { outcome: 'retry', failure: failure('throttled') };
  // The server ends the session after it.
  if (ofSize.has(errno))
    return { outcome: 'refused', failure: failure('oversize'), endsSession: true };
  if (/^2[23]/.test(sqlState) || errno === 1366 || errno === 1118 || errno === 1071)
    return { outcome: 'refused', failure: failure('invalid') };
  return { outcome: 'retry', failure: failure('unexpected') };
}
