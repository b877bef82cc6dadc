import { classify, type FailureKind } from '#pump';
import type { Judgement } from './driver.ts';

/** SQLSTATE of an error that the server sent; undefined where it was the connection. */
export const stateOf = (error: unknown): string | undefined => {
  const code = textOf(error, 'code');
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && textOf(error, 'severity') !== undefined
    ? code
    : undefined;
};

/** Of what a record holds: data that does not fit, constraints, and rows that are too long for an index. */
const ofRecord = /^(?:22|23|54000)/;
/** Locks of others: serialization failure, deadlock, lock not to be had, statement given up. */
const ofLocks = /^(?:40|55P03|57014)/;
/** Shut down, crashed, starting, connection lost, read-only after a failover. */
const ofSession = /^(?:08|57P|25006)/;

/** A server that answers, and is none to write to: a replica, or one that was a primary. */
export class TakesNoWrites extends Error {
  constructor(host: string) {
    super(`${host} takes no writes`);
  }
}

export function judgePostgres(error: unknown): Judgement {
  if (error instanceof TakesNoWrites) {
    const failure = { kind: 'unreachable', message: error.message, cause: error } as const;
    return { outcome: 'retry', failure, endsSession: true };
  }
  const state = stateOf(error);
  if (state === undefined) {
    const verdict = classify(error);
    const failure = verdict.outcome === 'retry' ? verdict.failure : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const isLost =
      /^Connection terminated|^Client has encountered|was closed and is not queryable/.test(
        message,
      );
    return {
      outcome: 'retry',
      failure:
        failure === undefined || isLost
          ? { kind: 'unreachable', message: 'The connection to PostgreSQL was lost.', cause: error }
          : failure,
      endsSession: true,
    };
  }
  const failure = (kind: FailureKind) => ({ kind, message: wordsOf(error, state), cause: error });
  if (ofRecord.test(state)) return { outcome: 'refused', failure: failure('invalid') };
  if (ofLocks.test(state)) return { outcome: 'retry', failure: failure('throttled') };
  if (ofSession.test(state))
    return { outcome: 'retry', failure: failure('unreachable'), endsSession: true };
  if (state.startsWith('53'))
    return { outcome: 'retry', failure: failure('throttled'), endsSession: true };
  if (/^(?:28|42501)/.test(state)) return { outcome: 'retry', failure: failure('unauthorised') };
  // No such table, column or schema.
  if (/^(?:42P01|42703|3F000)/.test(state))
    return { outcome: 'retry', failure: failure('unexpected'), isAboutTables: true };
  return { outcome: 'retry', failure: failure('unexpected') };
}

/** The message names columns and constraints; the detail may repeat a record, and is left out. */
function wordsOf(error: unknown, state: string): string {
  const column = textOf(error, 'column');
  const constraint = textOf(error, 'constraint');
  const place = column ?? constraint;
  return `PostgreSQL ${state}: ${textOf(error, 'message') ?? ''}${place === undefined ? '' : ` (${place})`}`;
}

function textOf(error: unknown, key: string): string | undefined {
  if (typeof error !== 'object' || error === null || !(key in error)) return undefined;
  const value = (error as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : undefined;
}
