import type { ConnectionOptions } from 'node:tls';
import { type Clock, type Failure, type Log, untilAborted } from '#pump';
import { codeOf, failureOf, isRefusal } from './client-error.ts';
import type { Partition } from './partition.ts';
import type { RecordSet } from './record-set.ts';
import { Session } from './session.ts';
import type { Settings } from './settings.ts';
import { Sockets } from './sockets.ts';

/** What the broker said, or why it said nothing. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/** What this pump needs of a client. Nothing here rejects, and nothing is claimed after an abort. */
export interface Client {
  /** The topic's partitions. Has the topic made where the broker makes topics by itself. */
  partitions(signal: AbortSignal): Promise<Outcome<readonly Partition[]>>;
  /** Sends messages of one partition, once. They are stored together or not at all. */
  send(set: RecordSet, signal: AbortSignal): Promise<Outcome<void>>;
  /** Sends messages of any partitions as one transaction. */
  transact(sets: readonly RecordSet[], signal: AbortSignal): Promise<Outcome<void>>;
  /** Asks for the topic. */
  lookUp(signal: AbortSignal): Promise<Outcome<void>>;
  close(): Promise<void>;
}

export interface ClientParts {
  readonly settings: Settings;
  readonly tls: ConnectionOptions | undefined;
  readonly log: Log;
  readonly clock: Clock;
}

/** An opened session; it is closed once it is retired and nobody uses it any more. */
interface Line {
  readonly session: Session;
  readonly sockets: Sockets;
  users: number;
  isRetired: boolean;
}

/**
 * Keeps one session for all batches, and replaces it after a failure that leaves in doubt what was stored: the place of
 * a message that may be stored must never go to another one, which the broker would take for a repeat and drop. For the
 * same reason a partition has one request under way at a time, the session's own repeat included.
 */
export function createClient({ settings, tls, log, clock }: ClientParts): Client {
  const allSockets = new Set<Sockets>();
  const turns = new Map<number, Promise<void>>();
  let opening: Promise<Line> | undefined;
  let current: Line | undefined;
  let isIdempotent = true;
  let attempts = 0;
  let isClosed = false;

  function line(): Promise<Line> {
    if (current !== undefined) return Promise.resolve(current);
    opening ??= openLine().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  async function openLine(): Promise<Line> {
    const sockets = new Sockets();
    allSockets.add(sockets);
    try {
      if (isClosed) throw new Error('The client is closed.');
      const attempt = attempts;
      attempts += 1;
      const session = await Session.open({ settings, tls, sockets, clock, attempt, isIdempotent });
      current = { session, sockets, users: 0, isRetired: false };
      return current;
    } catch (error) {
      await drop(sockets);
      if (!isIdempotent || settings.transactionalId !== undefined || !hasNoNumbers(error))
        throw error;
      isIdempotent = false;
      log.warn(
        { reason: failureOf(error, new AbortController().signal).message },
        'The broker gives no numbers to this producer; a lost answer may store messages twice.',
      );
      return openLine();
    }
  }

  async function drop(sockets: Sockets): Promise<void> {
    await sockets.cut();
    allSockets.delete(sockets);
  }

  function retire(used: Line): void {
    used.isRetired = true;
    if (current === used) current = undefined;
    if (used.users === 0) drop(used.sockets).catch(() => undefined);
  }

  async function use<T>(
    work: (session: Session) => Promise<T>,
    signal: AbortSignal,
    leavesNoDoubt: (error: unknown, session: Session) => boolean = () => false,
  ): Promise<Outcome<T>> {
    try {
      signal.throwIfAborted();
      const used = await untilAborted(line(), signal);
      used.users += 1;
      const working = work(used.session)
        .catch((error: unknown) => {
          if (!leavesNoDoubt(error, used.session)) retire(used);
          throw error;
        })
        .finally(() => {
          used.users -= 1;
          if (used.isRetired && used.users === 0) return drop(used.sockets);
          return undefined;
        });
      try {
        return { ok: true, value: await untilAborted(working, signal) };
      } catch (error) {
        // What was given up is still under way, and may succeed.
        if (signal.aborted) retire(used);
        throw error;
      }
    } catch (error) {
      return { ok: false, failure: failureOf(error, signal) };
    }
  }

  /** Waits until nothing is under way to the partition. */
  async function inTurn<T>(
    partition: number,
    work: () => Promise<Outcome<T>>,
    signal: AbortSignal,
  ): Promise<Outcome<T>> {
    const before = turns.get(partition) ?? Promise.resolve();
    const working = before.then(() => (signal.aborted ? aborted : work()));
    const turn = working.then(() => undefined);
    turns.set(partition, turn);
    const outcome = await untilAborted(working, signal).catch(() => aborted);
    if (turns.get(partition) === turn) turns.delete(partition);
    return outcome;
  }

  return {
    partitions: (signal) => use((session) => session.partitions(), signal),
    send: (set, signal) =>
      inTurn(
        set.partition,
        () =>
          use(
            (session) => session.send(set),
            signal,
            (error, session) => isRefusal(error) && !session.isInDoubt(set.partition),
          ),
        signal,
      ),
    // Of a refused transaction some partitions have their part already, whatever the others were answered.
    transact: (sets, signal) => use((session) => session.transact(sets), signal),
    async lookUp(signal) {
      const found = await use((session) => session.lookUp(), signal);
      if (found.ok || !isAbsence(found.failure)) return found;
      // The broker may make the topic for the first one who wants to write to it.
      const made = await use((session) => session.partitions(), signal);
      return made.ok ? { ok: true, value: undefined } : made;
    },
    async close() {
      isClosed = true;
      current = undefined;
      await Promise.all([...allSockets].map(drop));
    },
  };
}

const aborted = {
  ok: false,
  failure: { kind: 'timeout', message: 'No answer before the deadline.' },
} as const;

const isAbsence = ({ message }: Failure): boolean =>
  message.startsWith('UNKNOWN_TOPIC_OR_PARTITION');

/** Brokers before 0.11, and those before 2.8 that allow it to nobody without a right of its own. */
const hasNoNumbers = (error: unknown): boolean =>
  codeOf(error) === 'CLUSTER_AUTHORIZATION_FAILED' || codeOf(error) === 'UNSUPPORTED_VERSION';
